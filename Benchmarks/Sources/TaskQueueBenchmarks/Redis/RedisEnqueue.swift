import ArgumentParser
import Foundation
import TaskQueue

/// Puts tasks into Redis, in one of three ways.
struct RedisEnqueue: AsyncParsableCommand {
    enum Way: String, ExpressibleByArgument { case single, concurrent, bulk }
    enum Kind: String, ExpressibleByArgument { case noop, record }

    @OptionGroup var redis: RedisConnectionOptions
    @Argument var way: Way
    @Option var count: Int
    @Option var task = Kind.noop
    @Option var concurrency = 64
    @Option var batch = 1000
    @Flag(help: "Results are to be kept for a day.") var keepResults = false

    func run() async throws {
        let stores = try redis.stores()
        let client = TaskClient(broker: stores.broker, results: stores.results)
        if task == .noop { try await client.enqueue(NoopTask.self, RivalInput(id: 0), Self.warmUp) }
        let start = ContinuousClock.now
        switch way {
        case .single: for id in 0..<count { try await submit(id, client) }
        case .concurrent: try await submitConcurrently(client)
        case .bulk:
            try await submitInBulk(client)
        }
        let seconds = (ContinuousClock.now - start).inSeconds
        let stored = try await stores.broker.stored(in: "default")
        let rate = count > 0 ? Double(count) / seconds : 0
        say(#"{"count": \#(count), "seconds": \#(count > 0 ? seconds : 0), "rate": \#(rate), "stored": \#(stored)}"#)
    }

    /// The first call makes the connection; its task waits where no measurement looks.
    static let warmUp: TaskOptions = {
        var options = TaskOptions()
        options.queue = "warm"
        return options
    }()

    /// A `noop` whose result is kept, as tasks are unless they say otherwise.
    static func kept(_ input: RivalInput, queue: String = "default") throws -> TaskMessage {
        TaskMessage(task: NoopTask.name, queue: queue, payload: try PayloadCodec.encode(input))
    }

    /// A few calls side by side: while Redis works on one batch, the next is encoded.
    private func submitInBulk(_ client: TaskClient) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<Self.bulkCallsAtOnce {
                group.addTask {
                    for first in stride(from: lane * batch, to: count, by: batch * Self.bulkCallsAtOnce) {
                        if keepResults {
                            let end = min(first + batch, count)
                            _ = try await client.enqueue((first..<end).map { try Self.kept(RivalInput(id: $0)) })
                            continue
                        }
                        let inputs = (first..<min(first + batch, count)).map { RivalInput(id: $0) }
                        switch task {
                        case .noop: try await client.enqueue(NoopTask.self, all: inputs)
                        case .record: try await client.enqueue(RecordTask.self, all: inputs)
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private static let bulkCallsAtOnce = 3

    private func submit(_ id: Int, _ client: TaskClient) async throws {
        switch task {
        case .noop: try await client.enqueue(NoopTask.self, RivalInput(id: id))
        case .record: try await client.enqueue(RecordTask.self, RivalInput(id: id))
        }
    }

    private func submitConcurrently(_ client: TaskClient) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<concurrency {
                group.addTask {
                    for id in stride(from: caller, to: count, by: concurrency) { try await submit(id, client) }
                }
            }
            try await group.waitForAll()
        }
    }
}
