/// What one queue's work looks like at one moment, from the store's own figures.
public struct QueueLoad: Hashable, Sendable {
    /// The queue.
    public var queue: String
    /// Tasks that wait for a slot: ready in the store, or claimed by a worker that has not started them.
    public var ready: Int
    /// Tasks that take up a slot.
    public var running: Int
    /// How long a task of this queue takes up its slot, on average; nil until one was timed.
    public var meanService: Duration?
    /// How long the oldest ready task has been accepted, if one is ready.
    public var oldestAge: Duration?
    /// Whether claims pass the queue over.
    public var isPaused: Bool

    /// Describes a queue; counts below zero are taken for zero.
    public init(
        queue: String, ready: Int = 0, running: Int = 0, meanService: Duration? = nil, oldestAge: Duration? = nil,
        isPaused: Bool = false
    ) {
        self.queue = queue
        self.ready = max(0, ready)
        self.running = max(0, running)
        self.meanService = meanService
        self.oldestAge = oldestAge
        self.isPaused = isPaused
    }
}
