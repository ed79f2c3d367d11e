/// A message claimed by a worker: its right to run one attempt.
public struct Delivery: Hashable, Sendable {
    /// The task's id.
    public var id: TaskID
    /// The message, or why its bytes are none; the store keeps the bytes either way.
    public var content: Result<TaskMessage, MessageError>
    /// The kind of work, as the store indexed it.
    public var task: String
    /// The queue it waited in.
    public var queue: String
    /// Grows with every delivery of the task; a settlement with an older one changes nothing.
    public var fence: Int64
    /// The attempt this delivery is, from 1; refunded attempts are not counted.
    public var attempt: Int
    /// How many workers have died holding the task.
    public var deaths: Int
    /// When the broker accepted the task.
    public var enqueuedAt: Timestamp
    /// When this delivery was claimed.
    public var claimedAt: Timestamp
    /// Whether it was past its expiry when it was claimed.
    public var isExpired = false
    /// Whether someone asked to cancel it.
    public var isCancelled = false
    /// Earlier attempts.
    public var history: [AttemptRecord] = []

    /// Describes a delivery; drivers make these.
    public init(
        id: TaskID, content: Result<TaskMessage, MessageError>, task: String, queue: String, fence: Int64, attempt: Int,
        deaths: Int, enqueuedAt: Timestamp, claimedAt: Timestamp
    ) {
        self.id = id
        self.content = content
        self.task = task
        self.queue = queue
        self.fence = fence
        self.attempt = attempt
        self.deaths = deaths
        self.enqueuedAt = enqueuedAt
        self.claimedAt = claimedAt
    }
}
