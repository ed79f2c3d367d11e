/// How a kind of task is treated unless a submission says otherwise.
public struct TaskPolicy: Hashable, Sendable {
    /// Where a handler's code runs.
    public enum Place: Hashable, Sendable {
        /// On Swift's cooperative pool: for code that awaits and never blocks.
        case cooperative
        /// On the worker's bounded pool of threads: for code that blocks or computes for long.
        case threads
    }

    /// The queue its messages wait in.
    public var queue: String
    /// How urgent they are.
    public var priority: QueuePriority
    /// How failures are tried again.
    public var retry: RetryPolicy
    /// After this long an attempt is cancelled and counts as timed out; a cooperative handler stops then.
    public var softTimeLimit: Duration
    /// After this long an attempt that did not stop is abandoned and its slot given to another.
    public var hardTimeLimit: Duration
    /// How long the final record is kept.
    public var resultRetention: Duration
    /// How many workers may die holding one task before it is quarantined.
    public var deathLimit: Int
    /// Where the handler runs.
    public var place: Place

    /// Queue `default`, priority 5, 3 retries, 10 minutes soft and 11 hard, results for a day, cooperative.
    public init(
        queue: String = "default", priority: QueuePriority = .normal, retry: RetryPolicy = RetryPolicy(),
        softTimeLimit: Duration = .seconds(600), hardTimeLimit: Duration? = nil,
        resultRetention: Duration = TaskMessage.defaultResultRetention,
        deathLimit: Int = TaskMessage.defaultDeathLimit, place: Place = .cooperative
    ) {
        self.queue = queue
        self.priority = priority
        self.retry = retry
        self.softTimeLimit = softTimeLimit
        self.hardTimeLimit = max(hardTimeLimit ?? softTimeLimit + Self.graceAfterSoftLimit, softTimeLimit)
        self.resultRetention = resultRetention
        self.deathLimit = deathLimit
        self.place = place
    }

    /// How long a handler has to stop after its soft limit, unless the hard limit says otherwise.
    public static let graceAfterSoftLimit = Duration.seconds(60)
}
