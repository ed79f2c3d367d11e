/// A kind of work: what a user writes.
///
/// Delivery is at least once, so `run` should be idempotent; ``TaskContext/fence`` helps where it can't be.
public protocol TaskHandler: Sendable {
    /// What the task is given, JSON on the wire.
    associatedtype Input: Codable & Sendable
    /// What it returns, JSON in the result store.
    associatedtype Output: Codable & Sendable

    /// The task's name on the wire, such as `predict_image`.
    static var name: String { get }

    /// How it is treated unless a submission says otherwise.
    static var policy: TaskPolicy { get }

    /// Does the work once.
    /// - Throws: Anything; ``decide(_:)`` says what follows.
    @concurrent func run(_ input: Input, _ context: TaskContext) async throws -> Output

    /// Says what to do about an error that `run` threw.
    func decide(_ error: any Error) -> RetryDecision
}

/// A kind of work that is cheaper for many at once: the worker gathers what is already queued.
public protocol BatchTaskHandler: Sendable {
    /// What each task is given.
    associatedtype Input: Codable & Sendable
    /// What each returns.
    associatedtype Output: Codable & Sendable

    /// The task's name on the wire.
    static var name: String { get }

    /// How each is treated unless a submission says otherwise.
    static var policy: TaskPolicy { get }

    /// The most that one run is given.
    static var batchSizeMax: Int { get }

    /// Does the work for all; never waits for more to arrive.
    /// - Returns: One outcome per input, in their order; one bad input need not fail the others.
    /// - Throws: An error that all of them share.
    @concurrent func run(_ inputs: [Input], _ context: BatchContext) async throws -> [Result<Output, any Error>]

    /// Says what to do about an error.
    func decide(_ error: any Error) -> RetryDecision
}

extension TaskHandler {
    /// The default policy.
    public static var policy: TaskPolicy { TaskPolicy() }

    /// What the error asks for itself, else back-off.
    public func decide(_ error: any Error) -> RetryDecision {
        (error as? any RetryDeciding)?.retryDecision ?? .backOff
    }
}

extension BatchTaskHandler {
    /// The default policy.
    public static var policy: TaskPolicy { TaskPolicy() }

    /// 64.
    public static var batchSizeMax: Int { 64 }

    /// What the error asks for itself, else back-off.
    public func decide(_ error: any Error) -> RetryDecision {
        (error as? any RetryDeciding)?.retryDecision ?? .backOff
    }
}
