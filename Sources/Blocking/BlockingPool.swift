import DequeModule
import Dispatch
import Foundation
import Synchronization

/// A bounded set of threads on which code may block or compute for long.
///
/// As a `TaskExecutor` it runs whole tasks (`Task(executorPreference: pool)`); with ``run(_:)`` it runs one closure.
/// The threads belong to the pool alone, so neither the cooperative pool nor Dispatch's shared threads can starve
/// it, nor it them. Idle threads sleep; they end when the pool is released.
public final class BlockingPool: TaskExecutor, Sendable {
    private let jobs: JobQueue
    private let label: String

    /// How many threads the pool was made with.
    public let threads: Int

    /// Starts the pool's threads.
    /// - Parameters:
    ///   - label: The threads' name, as debuggers and `top -H` show it (15 bytes are kept on Linux).
    ///   - threads: How many, at least 1.
    public init(label: String, threads: Int) {
        self.threads = max(1, threads)
        jobs = JobQueue()
        self.label = label
        for _ in 0..<self.threads { startThread() }
    }

    deinit {
        jobs.close()
    }

    /// Adds a thread in place of one that will perhaps never come back.
    public func addThread() {
        startThread()
    }

    /// Ends a thread that was added, as soon as one is idle.
    public func removeThread() {
        jobs.dismissOne()
    }

    private func startThread() {
        // The thread holds the queue, not the pool: releasing the pool closes the queue and so ends the threads.
        let thread = Thread { [jobs] in
            while let job = jobs.next() { job() }
        }
        thread.name = label
        thread.start()
    }

    /// Runs one job of a Swift task; called by the runtime.
    public func enqueue(_ job: consuming ExecutorJob) {
        let unowned = UnownedJob(job)
        jobs.add { [self] in unsafe unowned.runSynchronously(on: asUnownedTaskExecutor()) }
    }

    /// Runs a blocking closure on one of the pool's threads and awaits what it returns.
    public func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            jobs.add { continuation.resume(returning: body()) }
        }
    }

    /// Runs a throwing blocking closure on one of the pool's threads.
    /// - Throws: What the closure throws, its type kept.
    public func run<Value: Sendable, Failure: Error>(
        throwing body: @escaping @Sendable () throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let result: Result<Value, Failure> = await run {
            do throws(Failure) { return .success(try body()) } catch { return .failure(error) }
        }
        return try result.get()
    }
}

/// The work that waits for one of a pool's threads.
private final class JobQueue: Sendable {
    private struct State {
        var waiting: Deque<@Sendable () -> Void> = []
        /// Threads that are to end.
        var dismissed = 0
        var isClosed = false
    }

    private let state = Mutex(State())
    private let available = DispatchSemaphore(value: 0)

    func add(_ job: @escaping @Sendable () -> Void) {
        state.withLock { $0.waiting.append(job) }
        available.signal()
    }

    /// Blocks until there is a job; nil if this thread is to end, as all do once the queue is closed and empty.
    func next() -> (@Sendable () -> Void)? {
        while true {
            available.wait()
            let (job, isOver) = state.withLock { state -> ((@Sendable () -> Void)?, Bool) in
                if let job = state.waiting.popFirst() { return (job, false) }
                if state.dismissed > 0 {
                    state.dismissed -= 1
                    return (nil, true)
                }
                return (nil, state.isClosed)
            }
            if let job { return job }
            guard isOver else { continue }
            // Whoever ends because the queue is closed wakes the next.
            if state.withLock({ $0.isClosed }) { available.signal() }
            return nil
        }
    }

    func dismissOne() {
        state.withLock { $0.dismissed += 1 }
        available.signal()
    }

    func close() {
        state.withLock { $0.isClosed = true }
        available.signal()
    }
}
