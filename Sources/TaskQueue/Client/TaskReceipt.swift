/// A submitted task and ways to ask after it, with the type of its result.
public struct TaskReceipt<Output: Codable & Sendable>: Sendable {
    /// The task's id.
    public let id: TaskID
    /// Whether a live task with this id or unique key was already there.
    public let isDuplicate: Bool
    let client: TaskClient

    /// What is known about the task now.
    /// - Throws: `StoreError`.
    public func status() async throws(StoreError) -> TaskRecord? {
        try await client.status(id)
    }

    /// Waits for the task and decodes its result.
    /// - Throws: `TaskFailure` if it ended in FAILURE or REVOKED, `WaitError`, `PayloadError`, `StoreError`.
    public func result(timeout: Duration) async throws -> Output {
        let record = try await client.wait(for: id, atMost: timeout)
        guard record.state == .success else {
            throw record.failure ?? TaskFailure(.failed, "task \(id) ended in \(record.state.rawValue)")
        }
        return try PayloadCodec.decode(Output.self, from: record.result ?? [])
    }

    /// Asks for the task to be stopped.
    /// - Returns: Whether it was still alive.
    /// - Throws: `StoreError`.
    @discardableResult
    public func cancel() async throws(StoreError) -> Bool {
        try await client.cancel(id)
    }
}
