import Logging
import Synchronization
import TaskQueue
import TestSupport

struct DoubleIt: TaskHandler {
    struct Input: Codable, Sendable { var number: Int }
    static let name = "double"
    func run(_ input: Input, _ context: TaskContext) async throws -> Int { input.number * 2 }
}

struct Oops: Error, CustomStringConvertible {
    let description = "oops"
}

/// Halves even numbers, refuses odd ones from 3 on, and remembers how many it was given at once.
final class Halve: BatchTaskHandler {
    struct Input: Codable, Sendable { var number: Int }
    static let name = "halve"
    let sizes = Mutex<[Int]>([])

    func run(_ inputs: [Input], _ context: BatchContext) async throws -> [Result<Int, any Error>] {
        sizes.withLock { $0.append(inputs.count) }
        return inputs.map { $0.number > 2 && $0.number % 2 == 1 ? .failure(GiveUp("odd")) : .success($0.number / 2) }
    }
}

/// What happened, in order.
final class Trail: Sendable {
    private let list = Mutex<[String]>([])
    var steps: [String] { list.withLock { $0 } }
    func add(_ step: String) { list.withLock { $0.append(step) } }
}

struct Layer: TaskMiddleware {
    let name: String
    let trail: Trail

    func enqueue(
        _ messages: [TaskMessage], next: @Sendable ([TaskMessage]) async throws -> [EnqueueReceipt]
    ) async throws -> [EnqueueReceipt] {
        trail.add("enqueue \(name)")
        return try await next(messages)
    }

    func run(_ context: TaskContext, next: @Sendable () async throws -> [UInt8]) async throws -> [UInt8] {
        trail.add("run \(name)")
        defer { trail.add("ran \(name)") }
        return try await next()
    }
}

let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

func worker(
    _ bench: Bench, _ registry: TaskRegistry, program: WorkerProgram = WorkerProgram(),
    change: (inout WorkerConfiguration) -> Void = { _ in }
) -> Worker {
    var configuration = WorkerConfiguration()
    change(&configuration)
    return Worker(
        broker: bench.broker, results: bench.results, registry: registry, configuration: configuration,
        program: program,
        logger: quiet)
}

func makeWorker(
    _ bench: Bench, _ handlers: [any TaskHandler], program: WorkerProgram = WorkerProgram(),
    change: (inout WorkerConfiguration) -> Void = { _ in }
) -> Worker {
    var registry = TaskRegistry()
    for handler in handlers { registry.register(handler) }
    return worker(bench, registry, program: program, change: change)
}

func withWorker(
    _ driver: DriverUnderTest, _ handlers: [any TaskHandler], _ body: (TaskClient) async throws -> Void
) async throws {
    let bench = try await driver.make(isReal: true)
    try await makeWorker(bench, handlers).run {
        try await body(TaskClient(broker: bench.broker, results: bench.results))
    }
}
