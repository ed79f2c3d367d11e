import Blocking

extension TaskClient {
    /// What is known about a task, alive or final; nil for an id never seen or past its retention.
    /// - Throws: `StoreError`.
    public func status(_ id: TaskID) async throws(StoreError) -> TaskRecord? {
        try await status([id])[id]
    }

    /// What is known about many tasks; ids never seen are absent.
    ///
    /// The broker is asked first: a task leaves it only after its record was written, so it is found in one of the
    /// two. If both have it, the record is final and wins.
    /// - Throws: `StoreError`.
    public func status(_ ids: [TaskID]) async throws(StoreError) -> [TaskID: TaskRecord] {
        let live = try await broker.fetch(ids)
        let final = try await results.fetch(ids)
        return live.merging(final) { _, final in final }
    }

    /// Tasks in any state, newest first.
    /// - Throws: `StoreError`.
    public func list(_ filter: TaskFilter) async throws(StoreError) -> [TaskRecord] {
        var records: [TaskID: TaskRecord] = [:]
        if filter.state?.isFinal != true {
            for record in try await broker.list(filter) { records[record.id] = record }
        }
        if filter.state?.isFinal != false {
            for record in try await results.list(filter) { records[record.id] = record }
        }
        return Array(records.values.sorted { $0.id > $1.id }.prefix(filter.limit))
    }

    /// Waits until a task is final, told by notification.
    /// - Parameters:
    ///   - id: The task.
    ///   - timeout: How long to wait at most.
    ///   - onChange: Called with each record that differs from the one before, for following progress.
    /// - Returns: The final record.
    /// - Throws: `WaitError.timedOut` or `.notFound`, `StoreError`, `CancellationError`.
    public func wait(
        for id: TaskID, atMost timeout: Duration, onChange: (TaskRecord) -> Void = { _ in }
    ) async throws -> TaskRecord {
        let bell = Doorbell()
        // Subscribed before the first look, so that nothing falls between the two.
        let subscriptions = [
            results.onResult(of: [id]) { bell.ring() },
            broker.onChange(of: [id]) { bell.ring() },
        ]
        defer { for subscription in subscriptions { subscription.end() } }
        let deadline = ContinuousClock.now + timeout
        var last: TaskRecord?
        while true {
            let record = try await status(id)
            guard let record else { throw WaitError.notFound(id) }
            if record != last { onChange(record) }
            last = record
            if record.state.isFinal { return record }
            try Task.checkCancellation()
            let left = deadline - .now
            guard left > .zero else { throw WaitError.timedOut(id, record.state) }
            await bell.wait(atMost: min(left, Self.lookInterval))
        }
    }

    /// Asks for a task to be stopped.
    ///
    /// A waiting one is REVOKED when this returns; a running one is told to stop.
    /// - Returns: Whether there was a live task of that id.
    /// - Throws: `StoreError`.
    public func cancel(_ id: TaskID, by who: String = "client") async throws(StoreError) -> Bool {
        // The canceller claims the task as a worker would: if it dies in between, the lease lapses and the next
        // worker to claim the task finds the request still standing.
        let lease = WorkerLease(newWorkerNamed: who, duration: .seconds(10))
        guard let receipt = try await broker.cancel([id], as: lease).first else { return false }
        switch receipt {
        case .notFound: return false
        case .requested: return true
        case .claimed(let delivery):
            let now = delivery.claimedAt
            var record = TaskRecord(settling: delivery, as: .revoked, at: now, worker: who)
            record.failure = TaskFailure(.cancelled, "cancelled before it started")
            if !broker.recordsOutcomes { _ = try await results.record([record]) }
            _ = try await broker.exchange([Settlement(delivery, .finish(record))], claiming: nil, as: lease)
            try await broker.release(lease)
            return true
        }
    }

    /// Submits a dead letter again as a new task without its unique key, and forgets the letter.
    /// - Returns: The new task's id; nil if there is no such letter.
    /// - Throws: `StoreError`, `MessageError` if the letter can't be decoded by this version, or a refusal.
    public func retry(dead id: TaskID) async throws -> TaskID? {
        guard let letter = try await broker.deadLetters([id], limit: 1).first else { return nil }
        var message = try MessageCodec.decode(letter.messageBytes)
        // Final states are final: the second life is a new task that names the first.
        message.headers["retry-of"] = "\(message.id)"
        message.id = TaskID()
        message.notBefore = nil
        message.expires = nil
        // Asked for by name: a key, which the dead task itself may still hold, must not swallow it.
        message.uniqueKey = nil
        message.uniqueFor = nil
        switch try await enqueue([message]).first {
        case .accepted(let retried):
            // Removed last: a crash in between leaves a letter too many, never a task too few.
            try await broker.removeDeadLetters([id])
            return retried
        case .refused(let refusal): throw refusal
        case .duplicate(let other):
            throw StoreError(.incompatible, "the retry of \(id) was taken for \(other); the letter is kept")
        case nil: throw StoreError(.incompatible, "the broker gave no receipt; the letter of \(id) is kept")
        }
    }
}

/// Why a wait ended without a final record.
public enum WaitError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The task is still in this state.
    case timedOut(TaskID, TaskState)
    /// No task has this id, or its record is past its retention.
    case notFound(TaskID)

    /// One sentence for people.
    public var description: String {
        switch self {
        case .timedOut(let id, let state): "timed out waiting for task \(id); it is still \(state.rawValue)"
        case .notFound(let id): "no task has the id \(id), or its record is past its retention"
        }
    }
}
