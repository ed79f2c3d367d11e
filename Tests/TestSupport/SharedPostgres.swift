package import Postgres
import Results

/// The server that tests share which do it no harm; each gets a place of its own.
///
/// It ends with the process.
package enum SharedPostgres {
    private static let started = Task { try await PostgresServer.start("fsync = off", "max_connections = 400") }

    /// A place of its own without tables: a schema, which is made sooner than a database.
    package static func database() async throws -> PostgresConfiguration {
        let server = try await started.value
        let name = "test_\(UInt64.random(in: .min ... .max))"
        let plain = try PostgresConnection(try PostgresConfiguration(uri: server.url))
        try plain.script("CREATE SCHEMA \(name)")
        var configuration = try PostgresConfiguration(uri: server.url + "?options=-csearch_path%3D\(name)")
        // Hundreds of tests share two cores at times: here a late answer is no fault.
        configuration.connectTimeout = .seconds(60)
        configuration.timeout = .seconds(60)
        configuration.connectionsMax = 2
        return configuration
    }

    /// A place with the schema of results.
    package static func migrated() async throws -> PostgresConfiguration {
        let configuration = try await database()
        let connection = try PostgresConnection(configuration)
        _ = try ResultSchema.migrations.migrate(on: connection)
        return configuration
    }
}
