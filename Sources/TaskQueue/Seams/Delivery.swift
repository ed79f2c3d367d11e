/// A message claimed by a worker: its right to run one attempt.
///
/// A class that never changes, because it passes through many hands on its way to a slot and back.
public final class Delivery: Sendable {
    /// The task's id.
    public let id: TaskID
    /// The message; an empty one if its bytes are none.
    public let message: TaskMessage
    /// Why the bytes are no message, if so; the store keeps them either way.
    public let damage: MessageError?
    /// The kind of work, as the store indexed it.
    public let task: String
    /// The queue it waited in.
    public let queue: String
    /// Grows with every delivery of the task; a settlement with an older one changes nothing.
    public let fence: Int64
    /// The attempt this delivery is, from 1; refunded attempts are not counted.
    public let attempt: Int
    /// How many workers have died holding the task.
    public let deaths: Int
    /// When the broker accepted the task.
    public let enqueuedAt: Timestamp
    /// When this delivery was claimed.
    public let claimedAt: Timestamp
    /// Whether it was past its expiry when it was claimed.
    public let isExpired: Bool
    /// Whether someone asked to cancel it.
    public let isCancelled: Bool
    /// Earlier attempts.
    public let history: [AttemptRecord]
    /// The driver's own mark, by which it finds what it noted of this claim; 0 if it needs none.
    package let ticket: UInt64

    /// Describes a delivery; drivers make these.
    ///
    /// - Parameter content: The message, or why its bytes are none.
    public convenience init(
        id: TaskID, content: Result<TaskMessage, MessageError>, task: String, queue: String, fence: Int64, attempt: Int,
        deaths: Int, enqueuedAt: Timestamp, claimedAt: Timestamp, isExpired: Bool = false, isCancelled: Bool = false,
        history: [AttemptRecord] = []
    ) {
        self.init(
            id: id, content: content, task: task, queue: queue, fence: fence, attempt: attempt, deaths: deaths,
            enqueuedAt: enqueuedAt, claimedAt: claimedAt, isExpired: isExpired, isCancelled: isCancelled,
            history: history, ticket: 0)
    }

    /// Describes a delivery that its driver will find again by a mark.
    package init(
        id: TaskID, content: Result<TaskMessage, MessageError>, task: String, queue: String, fence: Int64, attempt: Int,
        deaths: Int, enqueuedAt: Timestamp, claimedAt: Timestamp, isExpired: Bool, isCancelled: Bool,
        history: [AttemptRecord], ticket: UInt64
    ) {
        self.id = id
        switch content {
        case .success(let message): (self.message, damage) = (message, nil)
        case .failure(let error): (message, damage) = (TaskMessage(id: id, task: task, queue: queue), error)
        }
        self.task = task
        self.queue = queue
        self.fence = fence
        self.attempt = attempt
        self.deaths = deaths
        self.enqueuedAt = enqueuedAt
        self.claimedAt = claimedAt
        self.isExpired = isExpired
        self.isCancelled = isCancelled
        self.history = history
        self.ticket = ticket
    }
}

extension Delivery {
    /// Whether it is past its expiry at a time by the store's clock; only a first attempt can be.
    public func isExpired(at now: Timestamp) -> Bool {
        isExpired || attempt == 1 && message.expires.map { $0.resolved(at: enqueuedAt) <= now } ?? false
    }
}

extension Delivery: Hashable {
    /// A task is delivered once under each fence, so id and fence say which delivery this is.
    public static func == (left: Delivery, right: Delivery) -> Bool {
        left.id == right.id && left.fence == right.fence
    }

    /// Hashes what equality compares.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(id)
        hasher.combine(fence)
    }
}
