/// What a worker tells the broker about a delivery it held.
///
/// Accepted only with the fence the task has now.
public struct Settlement: Hashable, Sendable {
    /// What becomes of the task.
    public enum Verdict: Hashable, Sendable {
        /// It is over; the record is final. Boxed, because settlements are moved about and records are large.
        indirect case finish(TaskRecord)
        /// It runs again after this long; the attempt was spent and is remembered. Boxed as well.
        indirect case retry(after: Duration, AttemptRecord)
        /// It runs again after this long; the attempt is refunded.
        case snooze(Duration)
        /// It goes back to where it was, the attempt refunded: unstarted, or interrupted by shutdown.
        case handBack
    }

    /// What was held.
    public let delivery: Delivery
    /// What becomes of it.
    public var verdict: Verdict

    /// Settles a delivery.
    public init(_ delivery: Delivery, _ verdict: Verdict) {
        self.delivery = delivery
        self.verdict = verdict
    }

    /// The task.
    public var id: TaskID { delivery.id }
    /// The kind of work.
    public var task: String { delivery.task }
    /// The queue it is in.
    public var queue: String { delivery.queue }
    /// The delivery's fence.
    public var fence: Int64 { delivery.fence }
}
