import Broker
import Foundation
import Logging
import Redis
import TaskQueue

/// A worker process for tests, whose tasks sleep, or kill it.
///
/// Usage: `drill-worker URL NAME LEASE-MILLISECONDS`.
@main
struct DrillWorker {
    static func main() async throws {
        let words = CommandLine.arguments
        guard words.count == 4, let lease = Int(words[3]) else { throw Complaint() }
        let logger = Logger(label: "drill")
        let redis = RedisClient(try RedisConfiguration(url: words[1]), logger: logger)
        let broker = RedisBroker(redis, recordsOutcomes: true, logger: logger)
        var configuration = WorkerConfiguration()
        configuration.name = words[2]
        configuration.leaseDuration = .milliseconds(lease)
        configuration.concurrency = 4
        var registry = TaskRegistry()
        registry.register(Nap())
        let worker = Worker(
            broker: broker, results: RedisResultStore(redis, logger: logger), registry: registry,
            configuration: configuration, logger: logger)
        await worker.run()
    }

    private struct Complaint: Error, CustomStringConvertible {
        let description = "usage: drill-worker URL NAME LEASE-MILLISECONDS"
    }
}

/// Sleeps the first time it is delivered, or ends its process each time.
struct Nap: TaskHandler {
    struct Input: Codable, Sendable {
        var milliseconds: Int
        var isDeadly: Bool
    }

    static let name = "nap"

    func run(_ input: Input, _ context: TaskContext) async throws -> Bool {
        if input.isDeadly { kill(getpid(), SIGKILL) }
        if context.fence == 1 { try await Task.sleep(for: .milliseconds(input.milliseconds)) }
        return true
    }
}
