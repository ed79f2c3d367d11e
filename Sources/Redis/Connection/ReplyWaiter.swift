internal import NIOCore
internal import Synchronization

/// One caller who waits for the replies to one or more commands.
final class ReplyWaiter: Sendable {
    typealias Answer = Result<[RedisValue], RedisError>

    private struct State {
        var continuation: CheckedContinuation<Answer, Never>?
        var replies: [RedisValue] = []
        var received = 0
        var isCancelled = false
    }

    /// When the caller's patience ends.
    let deadline: NIODeadline
    /// How many replies will come; they come even if nobody waits any longer.
    let count: Int
    private let state = Mutex(State())

    init(count: Int, deadline: NIODeadline) {
        self.count = count
        self.deadline = deadline
    }

    /// Gives the caller's continuation; false if the caller was cancelled before and nothing shall be sent.
    func begin(_ continuation: CheckedContinuation<Answer, Never>) -> Bool {
        let isWanted = state.withLock { state in
            if !state.isCancelled { state.continuation = continuation }
            return !state.isCancelled
        }
        if !isWanted { continuation.resume(returning: .failure(Self.cancelled(maybeExecuted: false))) }
        return isWanted
    }

    /// False once nobody waits any longer.
    var isAwaited: Bool { state.withLock { $0.continuation != nil } }

    /// Takes one reply; true if it was the last.
    func add(_ reply: RedisValue) -> Bool {
        let (continuation, replies, isLast) = state.withLock { state in
            state.received += 1
            if state.continuation != nil { state.replies.append(reply) }
            let isLast = state.received == count
            return (isLast ? state.continuation.take() : nil, state.replies, isLast)
        }
        continuation?.resume(returning: .success(replies))
        return isLast
    }

    /// Ends the wait with an error.
    func fail(_ error: RedisError) {
        state.withLock { $0.continuation.take() }?.resume(returning: .failure(error))
    }

    /// Ends the wait of a cancelled caller; the replies still come and are dropped in step.
    func cancel() {
        let continuation = state.withLock { state in
            state.isCancelled = true
            return state.continuation.take()
        }
        continuation?.resume(returning: .failure(Self.cancelled(maybeExecuted: true)))
    }

    private static func cancelled(maybeExecuted: Bool) -> RedisError {
        RedisError(.cancelled, "the caller was cancelled while waiting for Redis", maybeExecuted: maybeExecuted)
    }
}
