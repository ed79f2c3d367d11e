internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// Holds a link's current connection, or the callers who wait for the next one.
final class ConnectionSlot: Sendable {
    typealias Answer = Result<RedisConnection, RedisError>

    private struct State {
        var connection: RedisConnection?
        var parked: [UInt64: CheckedContinuation<Answer, Never>] = [:]
        var lastTicket: UInt64 = 0
        var lastFailure: RedisError?
        var end: RedisError?

        mutating func takeParked() -> [CheckedContinuation<Answer, Never>] {
            defer { parked = [:] }
            return Array(parked.values)
        }
    }

    private let state = Mutex(State())

    /// The current connection, or the next one if it comes before the deadline.
    func connection(before deadline: NIODeadline) async throws(RedisError) -> RedisConnection {
        let (now, end) = state.withLock { ($0.connection, $0.end) }
        if let now { return now }
        if let end { throw end }
        return try await park(until: deadline).get()
    }

    private func park(until deadline: NIODeadline) async -> Answer {
        let ticket = state.withLock { state in
            state.lastTicket += 1
            return state.lastTicket
        }
        let timer = MultiThreadedEventLoopGroup.singleton.next().scheduleTask(deadline: deadline) { [self] in
            answer(ticket, .failure(Self.late(state.withLock { $0.lastFailure })))
        }
        defer { timer.cancel() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let atOnce: Answer? = state.withLock { state in
                    if let connection = state.connection { return .success(connection) }
                    if let end = state.end { return .failure(end) }
                    if Task.isCancelled { return .failure(Self.cancelled) }
                    if deadline <= .now() { return .failure(Self.late(state.lastFailure)) }
                    state.parked[ticket] = continuation
                    return nil
                }
                if let atOnce { continuation.resume(returning: atOnce) }
            }
        } onCancel: {
            answer(ticket, .failure(Self.cancelled))
        }
    }

    private func answer(_ ticket: UInt64, _ answer: Answer) {
        state.withLock { $0.parked.removeValue(forKey: ticket) }?.resume(returning: answer)
    }

    private static func late(_ failure: RedisError?) -> RedisError {
        let cause = failure?.message ?? "the connection is not there yet"
        return RedisError(.unavailable, "no connection to Redis in time: \(cause)")
    }

    private static let cancelled = RedisError(.cancelled, "the caller was cancelled while waiting for a connection")
}

// MARK: The link's side

extension ConnectionSlot {
    /// Puts a connection in and wakes the waiting; false if the slot is closed.
    func fill(_ connection: RedisConnection) -> Bool {
        let parked = state.withLock { state -> [CheckedContinuation<Answer, Never>]? in
            guard state.end == nil else { return nil }
            state.connection = connection
            state.lastFailure = nil
            return state.takeParked()
        }
        parked?.forEach { $0.resume(returning: .success(connection)) }
        return parked != nil
    }

    /// Takes a connection out, if it is still the current one.
    func empty(_ connection: RedisConnection, _ reason: RedisError) {
        state.withLock { state in
            guard state.connection === connection else { return }
            state.connection = nil
            state.lastFailure = reason
        }
    }

    /// Notes why connecting failed; who waits is told at once if waiting can't help.
    func note(_ failure: RedisError) {
        let parked = state.withLock { state in
            state.lastFailure = failure
            return failure.isLasting ? state.takeParked() : []
        }
        for continuation in parked { continuation.resume(returning: .failure(failure)) }
    }

    /// Refuses everybody from now on; returns the connection that was there.
    func close(_ reason: RedisError) -> RedisConnection? {
        let (connection, parked) = state.withLock { state in
            state.end = state.end ?? reason
            return (state.connection.take(), state.takeParked())
        }
        for continuation in parked { continuation.resume(returning: .failure(reason)) }
        return connection
    }
}
