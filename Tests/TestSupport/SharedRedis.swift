import Logging
package import Redis

/// The server and the connections that tests share which do it no harm; it ends with the process.
package enum SharedRedis {
    private static let started = Task {
        let server = try await RedisServer.start()
        var configuration = try RedisConfiguration(url: server.url)
        // Hundreds of tests share two cores at times: here a late answer is no fault.
        configuration.connectTimeout = .seconds(60)
        configuration.commandTimeout = .seconds(60)
        return (server, RedisClient(configuration, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
    }

    /// A client of the shared server.
    package static func client() async throws -> RedisClient {
        try await started.value.1
    }
}
