import Foundation
import Redis
import Synchronization
import TaskQueue

/// What every task of the comparison is given.
struct RivalInput: Codable, Sendable {
    let id: Int
    let name: String
    let text: String
    /// When it was enqueued, in seconds since 1970; only for `stamp`.
    let at: Double?

    init(id: Int, at: Double? = nil) {
        self.id = id
        name = "benchmark"
        text = Self.sixty
        self.at = at
    }

    private static let sixty = String(repeating: "x", count: 60)
}

/// Nothing; the rivals keep no results either.
struct RivalOutput: Codable, Sendable {}

private let withoutResult = TaskPolicy(resultRetention: .zero)

/// Counts.
struct NoopTask: TaskHandler {
    static let name = "noop"
    static let policy = withoutResult
    var finished: Countdown?
    var runs: Counted?

    func run(_ input: RivalInput, _ context: TaskContext) async throws -> RivalOutput {
        runs?.add()
        finished?.step()
        return RivalOutput()
    }
}

/// Writes how long it waited.
struct StampTask: TaskHandler {
    static let name = "stamp"
    static let policy = withoutResult
    let samples: String?

    func run(_ input: RivalInput, _ context: TaskContext) async throws -> RivalOutput {
        let wait = Date().timeIntervalSince1970 - (input.at ?? 0)
        guard let samples else { return RivalOutput() }
        let file = open(samples, O_WRONLY | O_APPEND | O_CREAT, 0o644)
        guard file >= 0 else { return RivalOutput() }
        defer { close(file) }
        let line = Array("\(wait)\n".utf8)
        _ = line.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
        return RivalOutput()
    }
}

/// Takes its time and then leaves a trace that outlives the worker.
struct RecordTask: TaskHandler {
    static let name = "record"
    static let policy = withoutResult
    let time: Duration
    let traces: RedisClient?

    func run(_ input: RivalInput, _ context: TaskContext) async throws -> RivalOutput {
        try await Task.sleep(for: time)
        _ = try await traces?.send(RedisCommand("HINCRBY", "bench:ran", .string(String(input.id)), 1))
        return RivalOutput()
    }
}

/// A number that many tasks add to.
final class Counted: Sendable {
    private let number = Atomic(0)

    var value: Int { number.load(ordering: .relaxed) }

    func add() { number.wrappingAdd(1, ordering: .relaxed) }
}
