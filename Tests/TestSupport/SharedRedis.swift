import Logging
package import Redis

/// The server and the connections that tests share which do it no harm; it ends with the process.
package enum SharedRedis {
    private static let started = Task {
        let server = try await RedisServer.start()
        return (server, try RedisClient(RedisConfiguration(url: server.url), logger: Logger(label: "redis")))
    }

    /// A client of the shared server.
    package static func client() async throws -> RedisClient {
        try await started.value.1
    }
}
