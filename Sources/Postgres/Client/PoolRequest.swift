internal import Synchronization

/// One caller of a pool: it waits, then has a connection, then is answered; whoever answers first is heard.
final class PoolRequest<Value: Sendable>: Sendable {
    private enum Phase {
        case waiting
        case running(PostgresCanceller?)
        case over
    }

    private struct State {
        var phase = Phase.waiting
        var continuation: CheckedContinuation<Result<Value, PostgresError>, Never>?
        var early: Result<Value, PostgresError>?
        var isCancelled = false
    }

    private let state = Mutex(State())

    /// Waits for the answer.
    func answer() async -> Result<Value, PostgresError> {
        await withCheckedContinuation { continuation in
            let early = state.withLock { state in
                if state.early == nil { state.continuation = continuation }
                return state.early
            }
            if let early { continuation.resume(returning: early) }
        }
    }

    /// A thread is there; false if the caller has been answered meanwhile.
    func begin() -> Bool {
        state.withLock { state in
            guard case .waiting = state.phase else { return false }
            state.phase = .running(nil)
            return true
        }
    }

    /// From now on a cancellation of the caller stops what the connection does.
    func hold(_ canceller: PostgresCanceller) {
        let isLate = state.withLock { state in
            if case .running = state.phase { state.phase = .running(canceller) }
            return state.isCancelled
        }
        if isLate { canceller.cancel() }
    }

    /// The use of the connection has ended.
    func finish(_ result: Result<Value, PostgresError>) {
        reply(result)
    }

    /// The time is over; one that runs has a deadline of its own.
    func expire() {
        let isWaiting = state.withLock { state in
            if case .waiting = state.phase { true } else { false }
        }
        if isWaiting { reply(.failure(PostgresError(.busy, "no connection to PostgreSQL became free in time"))) }
    }

    /// The caller was cancelled: one that waits goes, one that runs is stopped on the server.
    func cancel() {
        let (isWaiting, canceller) = state.withLock { state -> (Bool, PostgresCanceller?) in
            state.isCancelled = true
            return switch state.phase {
            case .waiting: (true, nil)
            case .running(let canceller): (false, canceller)
            case .over: (false, nil)
            }
        }
        canceller?.cancel()
        if isWaiting { reply(.failure(PostgresError(.cancelled, "the caller was cancelled"))) }
    }

    private func reply(_ result: Result<Value, PostgresError>) {
        let continuation = state.withLock { state -> CheckedContinuation<Result<Value, PostgresError>, Never>? in
            if case .over = state.phase { return nil }
            state.phase = .over
            if state.continuation == nil { state.early = result }
            defer { state.continuation = nil }
            return state.continuation
        }
        continuation?.resume(returning: result)
    }
}
