import Blocking
import Synchronization

/// Runs work that may hang, and gives up on it at a deadline.
///
/// The work goes on in a task of its own, cancelled: a store that does not answer may not hear of that for a while, and
/// the caller must not wait for it.
/// - Throws: What the work throws, or the given error when the time is up.
func within<Value: Sendable>(
    _ timeout: Duration, else late: any Error, _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    let race = Race<Value>()
    return try await withTaskCancellationHandler {
        try await withCheckedThrowingContinuation { continuation in
            race.begin(continuation)
            let task = Task {
                do {
                    race.end(.success(try await work()))
                } catch {
                    race.end(.failure(error))
                }
            }
            let timer = TimerThread.shared.after(timeout) { race.end(.failure(late)) }
            race.attach(task, timer)
        }
    } onCancel: {
        race.end(.failure(CancellationError()))
    }
}

/// The first end wins.
private final class Race<Value: Sendable>: Sendable {
    private struct State {
        var continuation: CheckedContinuation<Value, any Error>?
        var ended: Result<Value, any Error>?
        var task: Task<Void, Never>?
        var timer: TimerThread.Token?
    }

    private let state = Mutex(State())

    func begin(_ continuation: CheckedContinuation<Value, any Error>) {
        let ended = state.withLock { state in
            if state.ended == nil { state.continuation = continuation }
            return state.ended
        }
        if let ended { continuation.resume(with: ended) }
    }

    func attach(_ task: Task<Void, Never>, _ timer: TimerThread.Token) {
        let isOver = state.withLock { state in
            guard state.ended == nil else { return true }
            state.task = task
            state.timer = timer
            return false
        }
        guard isOver else { return }
        task.cancel()
        TimerThread.shared.cancel(timer)
    }

    func end(_ result: Result<Value, any Error>) {
        let before: State? = state.withLock { state in
            guard state.ended == nil else { return nil }
            let before = state
            state = State(ended: result)
            return before
        }
        guard let before else { return }
        before.task?.cancel()
        if let timer = before.timer { TimerThread.shared.cancel(timer) }
        before.continuation?.resume(with: result)
    }
}
