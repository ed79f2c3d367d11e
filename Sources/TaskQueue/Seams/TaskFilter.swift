/// Which tasks to list.
public struct TaskFilter: Hashable, Sendable {
    /// Only tasks in this state; nil for any.
    public var state: TaskState?
    /// Only this kind of work.
    public var task: String?
    /// Only this queue.
    public var queue: String?
    /// Only tasks that this worker runs or ran last.
    public var worker: String?
    /// Only tasks accepted at or after this time.
    public var since: Timestamp?
    /// Only ids before this one: the last id of the page before.
    public var before: TaskID?
    /// How many at most.
    public var limit: Int

    /// Any task, newest first.
    public init(limit: Int = 100) {
        self.limit = limit
    }

    /// Whether a record is among those asked for.
    public func includes(_ record: TaskRecord) -> Bool {
        (state == nil || state == record.state) && (task == nil || task == record.task)
            && (queue == nil || queue == record.queue) && (worker == nil || worker == record.worker)
            && since.map { record.enqueuedAt >= $0 } ?? true && before.map { record.id < $0 } ?? true
    }
}
