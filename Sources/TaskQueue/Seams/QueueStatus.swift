/// What a queue holds at one moment, read from the store.
public struct QueueStatus: Hashable, Sendable, Encodable {
    /// The queue.
    public var queue: String
    /// Tasks that could start now.
    public var ready = 0
    /// Tasks that wait for their time: delayed ones and those between attempts.
    public var scheduled = 0
    /// Tasks that workers hold.
    public var processing = 0
    /// Whether claims pass it over.
    public var isPaused = false
    /// How long the oldest ready task has been accepted.
    public var oldestAge: Duration?
    /// How long a task takes up its slot, on average, as last reported by a worker; nil before the first report.
    public var meanService: Duration?
    /// Tasks ever accepted; what two readings differ by is the rate in.
    public var accepted: Int64 = 0
    /// Tasks that ever became final; what two readings differ by is the rate out.
    public var finished: Int64 = 0

    private enum CodingKeys: String, CodingKey {
        case queue, ready, scheduled, processing, accepted, finished
        case isPaused = "paused"
        case oldestAge = "oldest_age_seconds"
        case meanService = "mean_service_seconds"
    }

    /// Describes an empty queue.
    public init(queue: String) {
        self.queue = queue
    }

    /// Writes the status as a flat JSON object.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(queue, forKey: .queue)
        try container.encode(ready, forKey: .ready)
        try container.encode(scheduled, forKey: .scheduled)
        try container.encode(processing, forKey: .processing)
        try container.encode(isPaused, forKey: .isPaused)
        try container.encode(accepted, forKey: .accepted)
        try container.encode(finished, forKey: .finished)
        try container.encodeIfPresent(oldestAge?.inSeconds, forKey: .oldestAge)
        try container.encodeIfPresent(meanService?.inSeconds, forKey: .meanService)
    }
}
