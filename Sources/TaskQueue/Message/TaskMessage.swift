/// One request to run a task: what a client submits, a broker keeps and a worker runs.
public struct TaskMessage: Hashable, Sendable {
    /// The task's identity, chosen by the client; submitting the same id twice makes one task.
    public var id: TaskID
    /// The kind of work, such as `predict_image`.
    public var task: String
    /// The queue it waits in.
    public var queue: String
    /// The input as JSON (UTF-8 bytes).
    public var payload: [UInt8]
    /// How urgent it is within its queue.
    public var priority: QueuePriority = .normal
    /// When it may start; nil for at once.
    public var notBefore: DueTime?
    /// When it is no longer worth starting; nil for never.
    public var expires: DueTime?
    /// While a task with this key lives, another with the same key is a duplicate.
    public var uniqueKey: String?
    /// Keeps the key for at least this long from acceptance, even if the task ends earlier.
    public var uniqueFor: Duration?
    /// Attempts after the first that failures may cost; nil for the policy's.
    public var maxRetries: Int?
    /// The soft time limit of one attempt; nil for the policy's.
    public var timeLimit: Duration?
    /// How many times a worker may die holding it before it is quarantined.
    public var deathLimit: Int = TaskMessage.defaultDeathLimit
    /// How long the final record is kept.
    public var resultRetention: Duration = TaskMessage.defaultResultRetention
    /// Text that travels along: trace context, tenant, what the caller likes.
    ///
    /// Never secret.
    public var headers: [String: String] = [:]
    /// Fields that a newer version wrote and this one does not know, kept byte for byte.
    public var unknownFields: [UInt8] = []

    /// 5 deaths.
    ///
    /// From the second on a message is handed out alone, so a bystander is not blamed again and again.
    public static let defaultDeathLimit = 5
    /// One day.
    public static let defaultResultRetention = Duration.seconds(86_400)

    /// Makes a message with the usual options.
    public init(id: TaskID = TaskID(), task: String, queue: String = "default", payload: [UInt8] = []) {
        self.id = id
        self.task = task
        self.queue = queue
        self.payload = payload
    }
}
