import Blocking
import ServiceLifecycle
import Synchronization

/// Work that is cancelled by a shutdown, and left behind if it does not end then.
struct Abandonable: Sendable {
    private let thread: BlockingPool
    private let body: @Sendable () async throws -> Void

    private struct State {
        var result: Result<Void, any Error>?
        var isToldToEnd = false
    }

    /// - Parameters:
    ///   - thread: Where it runs.
    ///   - body: What it does.
    init(on thread: BlockingPool, _ body: @escaping @Sendable () async throws -> Void) {
        self.thread = thread
        self.body = body
    }

    /// Runs it until it ends, or until it has been told to end and the patience is over.
    /// - Throws: What the body throws.
    func run(patience: Duration) async throws {
        let shared = Shared()
        let running = Task(executorPreference: thread) {
            let result: Result<Void, any Error>
            do { result = .success(try await body()) } catch { result = .failure(error) }
            shared.state.withLock { $0.result = result }
            shared.bell.ring()
        }
        await withTaskCancellationOrGracefulShutdownHandler {
            await shared.wait(patience: patience)
        } onCancelOrGracefulShutdown: {
            running.cancel()
            shared.state.withLock { $0.isToldToEnd = true }
            shared.bell.ring()
        }
        try shared.state.withLock { $0.result }?.get()
    }

    private final class Shared: Sendable {
        let state = Mutex(State())
        let bell = Doorbell()

        /// In a task of its own, because a cancelled one would not wait.
        func wait(patience: Duration) async {
            await Task {
                while state.withLock({ $0.result == nil && !$0.isToldToEnd }) { await bell.wait(atMost: .seconds(60)) }
                let end = ContinuousClock.now + patience
                while state.withLock({ $0.result == nil }), ContinuousClock.now < end {
                    await bell.wait(atMost: end - .now)
                }
            }.value
        }
    }
}
