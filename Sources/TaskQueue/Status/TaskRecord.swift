/// What is known about a task, alive or final: the answer to "where is it?".
public struct TaskRecord: Hashable, Sendable {
    /// The task's identity.
    public var id: TaskID
    /// The kind of work.
    public var task: String
    /// The queue it was submitted to.
    public var queue: String
    /// Where it is in its life.
    public var state: TaskState
    /// The attempt that runs or ran last; 0 before the first.
    public var attempt: Int = 0
    /// Attempts that failures may cost; nil while no worker has applied the task's policy yet.
    public var maxAttempts: Int?
    /// When the broker accepted it.
    public var enqueuedAt: Timestamp
    /// When it may start, if that was put off.
    public var dueAt: Timestamp?
    /// When the last attempt was taken.
    public var startedAt: Timestamp?
    /// When it became final.
    public var finishedAt: Timestamp?
    /// Who runs or ran it last.
    public var worker: String?
    /// The delivery that wrote this record; a later delivery has a higher fence.
    public var fence: Int64 = 0
    /// The result as JSON, once it succeeded.
    public var result: [UInt8]?
    /// Why it failed or was revoked.
    public var failure: TaskFailure?
    /// How far the running attempt is.
    public var progress: TaskProgress?
    /// Attempts that did not end the task.
    public var history: [AttemptRecord] = []
    /// How long the record is kept once it is final.
    public var retention: Duration = TaskMessage.defaultResultRetention

    /// Describes a task that was just accepted.
    public init(id: TaskID, task: String, queue: String, state: TaskState, enqueuedAt: Timestamp) {
        self.id = id
        self.task = task
        self.queue = queue
        self.state = state
        self.enqueuedAt = enqueuedAt
    }

    /// Everything that happened to the task, in order.
    public var timeline: [TimelineEntry] {
        var entries = [TimelineEntry(at: enqueuedAt, event: .enqueued)]
        for past in history {
            entries.append(
                TimelineEntry(at: past.startedAt, event: .started, attempt: past.attempt, worker: past.worker))
            entries.append(
                TimelineEntry(
                    at: past.finishedAt, event: past.failure == nil ? .handedBack : .attemptFailed,
                    attempt: past.attempt, worker: past.worker, failure: past.failure))
        }
        if let startedAt, state != .retry, state != .pending {
            entries.append(TimelineEntry(at: startedAt, event: .started, attempt: attempt, worker: worker))
        }
        if let finishedAt {
            entries.append(
                TimelineEntry(
                    at: finishedAt, event: .finished(state), attempt: attempt, worker: worker, failure: failure))
        }
        return entries
    }
}
