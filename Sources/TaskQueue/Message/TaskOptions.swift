/// What a caller may choose about one submission; nil leaves it to the task's policy.
public struct TaskOptions: Hashable, Sendable {
    /// The task's id; nil makes a new one.
    ///
    /// The same id again is a duplicate, so a retried submission is harmless.
    public var id: TaskID?
    /// The queue to wait in.
    public var queue: String?
    /// How urgent it is within its queue.
    public var priority: QueuePriority?
    /// When it may start.
    public var notBefore: DueTime?
    /// When it is no longer worth starting; it then becomes REVOKED.
    public var expires: DueTime?
    /// While a task with this key lives, another is a duplicate and not enqueued.
    public var uniqueKey: String?
    /// Keeps the key for at least this long.
    public var uniqueFor: Duration?
    /// Attempts after the first that failures may cost, 0 or more.
    public var maxRetries: Int?
    /// The soft time limit of one attempt.
    public var timeLimit: Duration?
    /// Text that travels with the message; never secret.
    public var headers: [String: String] = [:]

    /// Leaves everything to the policy.
    public init() {}

    /// The usual choices in one line.
    public init(
        queue: String? = nil, priority: QueuePriority? = nil, notBefore: DueTime? = nil, uniqueKey: String? = nil
    ) {
        self.queue = queue
        self.priority = priority
        self.notBefore = notBefore
        self.uniqueKey = uniqueKey
    }

    /// Completes a message with these choices.
    func apply(to message: inout TaskMessage) {
        if let id { message.id = id }
        if let queue { message.queue = queue }
        if let priority { message.priority = priority }
        message.notBefore = notBefore
        message.expires = expires
        message.uniqueKey = uniqueKey
        message.uniqueFor = uniqueFor
        message.maxRetries = maxRetries
        message.timeLimit = timeLimit
        message.headers = headers
    }
}
