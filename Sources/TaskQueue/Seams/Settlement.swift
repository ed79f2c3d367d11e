/// What a worker tells the broker about a delivery it held.
///
/// Accepted only with the fence the task has now.
public struct Settlement: Hashable, Sendable {
    /// What becomes of the task.
    public enum Verdict: Hashable, Sendable {
        /// It is over; the record is final. Boxed, because settlements are moved about and records are large.
        indirect case finish(TaskRecord)
        /// It runs again after this long; the attempt was spent and is remembered.
        case retry(after: Duration, AttemptRecord)
        /// It runs again after this long; the attempt is refunded.
        case snooze(Duration)
        /// It goes back to where it was, the attempt refunded: unstarted, or interrupted by shutdown.
        case handBack
    }

    /// The task.
    public var id: TaskID
    /// The kind of work.
    public var task: String
    /// The queue it is in.
    public var queue: String
    /// The delivery's fence.
    public var fence: Int64
    /// What becomes of it.
    public var verdict: Verdict

    /// Settles a delivery.
    public init(_ delivery: Delivery, _ verdict: Verdict) {
        id = delivery.id
        task = delivery.task
        queue = delivery.queue
        fence = delivery.fence
        self.verdict = verdict
    }
}
