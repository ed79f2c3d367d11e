import ArgumentParser
import Broker
import Logging
import Redis
import TaskQueue

/// The server that a measurement beside the rivals runs on (`Rivals/INTERFACE.md`).
struct RedisConnectionOptions: ParsableArguments {
    @Option var url: String

    static let logger = Logger(label: "bench") { label in
        var handler = StreamLogHandler.standardError(label: label)
        handler.logLevel = .warning
        return handler
    }

    func client() throws -> RedisClient {
        try RedisClient(RedisConfiguration(url: url), logger: Self.logger)
    }

    /// The broker as users get it; the tasks keep no results, as the rivals' do not.
    func stores() throws -> (broker: RedisBroker, results: RedisResultStore) {
        let client = try client()
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
