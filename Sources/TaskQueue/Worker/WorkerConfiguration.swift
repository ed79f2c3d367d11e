/// How a worker works.
public struct WorkerConfiguration: Hashable, Sendable {
    /// The worker's name in logs and records; a fresh mark is added at every start.
    public var name = "worker"
    /// Slots: how many attempts run at once, at least 1.
    public var concurrency = 16
    /// The fewest slots, if their number is to follow what the machine bears; nil for ``concurrency`` at all times.
    public var concurrencyMin: Int?
    /// Threads for handlers that block or compute, at least 1.
    public var threads = 2
    /// The queues it serves; nil for all.
    public var queues: Set<String>?
    /// How long a silent worker keeps what it holds.
    public var leaseDuration = Duration.seconds(10)
    /// How long running tasks may go on after a drain began.
    public var grace = Duration.seconds(25)
    /// How long tasks may take to stop that were cancelled or outlived a drain's grace, before their slot is taken from
    /// them.
    public var stopTimeout = Duration.seconds(5)
    /// A worker that had to take so many slots away drains: what those attempts hold on to is lost to it.
    public var abandonedMax = 16
    /// The most deliveries claimed in one exchange.
    public var claimMax = 512
    /// How far ahead of free slots a worker claims, in time: work that will have started within this.
    public var lookahead = Duration.milliseconds(20)
    /// How long an idle worker goes without asking, should a wake-up have been missed.
    public var idleInterval = Duration.seconds(1)

    /// The most slots a worker can be given.
    public static let slotsMax = 4096

    /// The defaults above.
    public init() {}
}
