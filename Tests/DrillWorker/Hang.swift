import Dispatch
import TaskQueue

/// Never returns, and takes a thread of the handlers' own pool with it.
struct HangOnThread: TaskHandler {
    static let name = "hang_on_thread"
    static let policy = TaskPolicy(
        retry: RetryPolicy(maxRetries: 0), softTimeLimit: .milliseconds(500), hardTimeLimit: .seconds(1),
        place: .threads)

    func run(_ input: Int, _ context: TaskContext) async throws -> Int {
        waitForEver()
        return input
    }
}

/// Never returns, and takes a thread of the pool with it on which all Swift tasks run.
struct HangOnPool: TaskHandler {
    static let name = "hang_on_pool"
    static let policy = TaskPolicy(
        retry: RetryPolicy(maxRetries: 0), softTimeLimit: .milliseconds(500), hardTimeLimit: .seconds(1))

    func run(_ input: Int, _ context: TaskContext) async throws -> Int {
        waitForEver()
        return input
    }
}

private func waitForEver() {
    DispatchSemaphore(value: 0).wait()
}
