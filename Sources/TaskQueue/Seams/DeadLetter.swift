/// A task that ended in FAILURE, kept with its message so that it can be looked at and tried again.
public struct DeadLetter: Hashable, Sendable {
    /// The task.
    public var id: TaskID
    /// The kind of work.
    public var task: String
    /// The queue it was in.
    public var queue: String
    /// Why it is here.
    public var failure: TaskFailure
    /// When it ended.
    public var diedAt: Timestamp
    /// The message's bytes as they were enqueued, decodable or not.
    public var messageBytes: [UInt8]

    /// Describes a dead letter; drivers make these.
    public init(
        id: TaskID, task: String, queue: String, failure: TaskFailure, diedAt: Timestamp, messageBytes: [UInt8]
    ) {
        self.id = id
        self.task = task
        self.queue = queue
        self.failure = failure
        self.diedAt = diedAt
        self.messageBytes = messageBytes
    }
}
