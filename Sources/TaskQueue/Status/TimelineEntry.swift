/// One thing that happened to a task.
public struct TimelineEntry: Hashable, Sendable, Encodable {
    /// What happened.
    public enum Event: Hashable, Sendable {
        /// The broker accepted it.
        case enqueued
        /// A worker took it.
        case started
        /// An attempt ended without ending the task.
        case attemptFailed
        /// A worker gave it back without running it to an end.
        case handedBack
        /// It reached a final state.
        case finished(TaskState)

        /// The event's name in JSON.
        public var name: String {
            switch self {
            case .enqueued: "enqueued"
            case .started: "started"
            case .attemptFailed: "attempt_failed"
            case .handedBack: "handed_back"
            case .finished(let state): state.rawValue
            }
        }
    }

    /// When, by the store's clock.
    public var at: Timestamp
    /// What.
    public var event: Event
    /// The attempt it belongs to.
    public var attempt: Int?
    /// The worker it belongs to.
    public var worker: String?
    /// Why, if something went wrong.
    public var failure: TaskFailure?

    private enum CodingKeys: String, CodingKey { case at, event, attempt, worker, error }

    /// Describes an event.
    public init(
        at: Timestamp, event: Event, attempt: Int? = nil, worker: String? = nil, failure: TaskFailure? = nil
    ) {
        self.at = at
        self.event = event
        self.attempt = attempt
        self.worker = worker
        self.failure = failure
    }

    /// Writes the entry as a flat JSON object.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(at, forKey: .at)
        try container.encode(event.name, forKey: .event)
        try container.encodeIfPresent(attempt, forKey: .attempt)
        try container.encodeIfPresent(worker, forKey: .worker)
        try container.encodeIfPresent(failure, forKey: .error)
    }
}
