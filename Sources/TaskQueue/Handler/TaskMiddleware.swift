/// Code around every submission and every attempt: tracing, tenancy, encryption, what an application needs.
///
/// The first in the list is the outermost. What `next` throws should be thrown on.
public protocol TaskMiddleware: Sendable {
    /// Around a submission; may change the messages before it passes them on.
    func enqueue(
        _ messages: [TaskMessage], next: @Sendable ([TaskMessage]) async throws -> [EnqueueReceipt]
    ) async throws -> [EnqueueReceipt]

    /// Around one attempt.
    func run(_ context: TaskContext, next: @Sendable () async throws -> [UInt8]) async throws -> [UInt8]

    /// Around one run of a batch handler.
    func runBatch(
        _ context: BatchContext, next: @Sendable () async throws -> [Result<[UInt8], any Error>]
    ) async throws -> [Result<[UInt8], any Error>]
}

extension TaskMiddleware {
    /// Passes the messages on.
    public func enqueue(
        _ messages: [TaskMessage], next: @Sendable ([TaskMessage]) async throws -> [EnqueueReceipt]
    ) async throws -> [EnqueueReceipt] {
        try await next(messages)
    }

    /// Runs the attempt.
    public func run(_ context: TaskContext, next: @Sendable () async throws -> [UInt8]) async throws -> [UInt8] {
        try await next()
    }

    /// Runs the batch.
    public func runBatch(
        _ context: BatchContext, next: @Sendable () async throws -> [Result<[UInt8], any Error>]
    ) async throws -> [Result<[UInt8], any Error>] {
        try await next()
    }
}
