import Synchronization
import TaskQueue

/// A task that does nothing but count.
struct NoOp: TaskHandler {
    struct Input: Codable, Sendable { var number = 7 }
    struct Output: Codable, Sendable { var ok = true }
    static let name = "no_op"
    var finished: Countdown?

    func run(_ input: Input, _ context: TaskContext) async throws -> Output {
        finished?.step()
        return Output()
    }
}

/// Wakes one waiter when a number of things have happened.
final class Countdown: Sendable {
    private let left: Atomic<Int>
    private let waiting = Mutex<CheckedContinuation<Void, Never>?>(nil)

    init(_ count: Int) {
        left = Atomic(count)
    }

    func step() {
        guard left.wrappingSubtract(1, ordering: .relaxed).newValue == 0 else { return }
        waiting.withLock { $0.take() }?.resume()
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOver = waiting.withLock { waiting in
                if left.load(ordering: .relaxed) <= 0 { return true }
                waiting = continuation
                return false
            }
            if isOver { continuation.resume() }
        }
    }
}
