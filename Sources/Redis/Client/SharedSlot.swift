internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// Holds what all callers share, such as a connection, or the callers who wait for the next one.
final class SharedSlot<Content: AnyObject & Sendable>: Sendable {
    typealias Answer = Result<Content, RedisError>

    private struct State {
        var content: Content?
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

    /// The current content, or the next one if it comes before the deadline.
    func content(before deadline: NIODeadline) async throws(RedisError) -> Content {
        let (now, end) = state.withLock { ($0.content, $0.end) }
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
                    if let content = state.content { return .success(content) }
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
        let cause = failure?.message ?? "it is not there yet"
        return RedisError(.unavailable, "no connection to Redis in time: \(cause)")
    }

    private static var cancelled: RedisError {
        RedisError(.cancelled, "the caller was cancelled while waiting for a connection")
    }
}

// MARK: The owner's side

extension SharedSlot {
    /// What is in the slot now.
    var current: Content? { state.withLock { $0.content } }

    /// True once everybody is refused.
    var isClosed: Bool { state.withLock { $0.end != nil } }

    /// Puts something in and wakes the waiting; false if the slot is closed.
    @discardableResult
    func fill(_ content: Content) -> Bool {
        let parked = state.withLock { state -> [CheckedContinuation<Answer, Never>]? in
            guard state.end == nil else { return nil }
            state.content = content
            state.lastFailure = nil
            return state.takeParked()
        }
        parked?.forEach { $0.resume(returning: .success(content)) }
        return parked != nil
    }

    /// Changes what is in the slot, if there is something.
    func update(_ change: (Content) -> Content) {
        state.withLock { state in state.content = state.content.map(change) }
    }

    /// Takes something out, if it is still what is in the slot.
    func empty(_ content: Content, _ reason: RedisError) {
        state.withLock { state in
            guard state.content === content else { return }
            state.content = nil
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

    /// Refuses everybody from now on; returns what was there.
    @discardableResult
    func close(_ reason: RedisError) -> Content? {
        let (content, parked) = state.withLock { state in
            state.end = state.end ?? reason
            return (state.content.take(), state.takeParked())
        }
        for continuation in parked { continuation.resume(returning: .failure(reason)) }
        return content
    }
}
