import ArgumentParser
import Broker
import Logging
import Postgres
import Redis
import Results
import TaskQueue

/// The server that a measurement beside the rivals runs on (`Rivals/INTERFACE.md`).
struct RedisConnectionOptions: ParsableArguments {
    @Option var url: String
    @Option(help: "Where results are kept; they are not if absent.") var postgres: String?

    static let logger = Logger(label: "bench") { label in
        var handler = StreamLogHandler.standardError(label: label)
        handler.logLevel = .warning
        return handler
    }

    /// Makes the tables, if results are kept in a database.
    func migrate() async throws {
        guard let postgres else { return }
        _ = try ResultSchema.migrations.migrate(on: PostgresConnection(PostgresConfiguration(uri: postgres)))
        _ = try await (stores().results as? PostgresResultStore)?.preflight()
    }

    func client() throws -> RedisClient {
        try RedisClient(RedisConfiguration(url: url), logger: Self.logger)
    }

    /// The broker as users get it; without a database the tasks keep no results, as the rivals' do not.
    func stores() throws -> (broker: RedisBroker, results: any ResultStore) {
        let client = try client()
        if let postgres {
            let pool = PostgresPool(try PostgresConfiguration(uri: postgres), logger: Self.logger)
            return (
                RedisBroker(client, recordsOutcomes: false, logger: Self.logger),
                PostgresResultStore(pool, logger: Self.logger)
            )
        }
        return (
            RedisBroker(client, recordsOutcomes: true, logger: Self.logger),
            RedisResultStore(client, logger: Self.logger)
        )
    }
}

extension TaskBroker {
    /// Tasks of a queue, ready or held.
    func stored(in queue: String) async throws -> Int {
        let status = try await queues().first { $0.queue == queue }
        return (status?.ready ?? 0) + (status?.processing ?? 0) + (status?.scheduled ?? 0)
    }
}
