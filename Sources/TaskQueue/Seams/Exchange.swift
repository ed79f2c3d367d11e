/// The broker's answer to one round trip of settling and claiming.
public struct Exchange: Hashable, Sendable {
    /// What the worker now holds in addition.
    public var deliveries: [Delivery] = []
    /// Settlements that changed nothing because the task had moved on: by id, those of a late owner.
    public var lost: Set<TaskID> = []
    /// What the broker asks of the worker.
    public var directives: [Directive] = []
    /// The store's clock at the time of the exchange.
    public var now: Timestamp
    /// When the next task that this claim could take falls due, if any waits for its time.
    public var nextDue: Timestamp?

    /// Describes an answer; drivers make these.
    public init(now: Timestamp) {
        self.now = now
    }
}

/// Something a broker asks of a worker.
public enum Directive: Hashable, Sendable {
    /// Stop this task: someone cancelled it.
    case cancel(TaskID, fence: Int64)
    /// The lease had lapsed and was taken away: nothing claimed before is this worker's any more.
    case leaseLost
    /// Do as an operator says; given once.
    case obey(WorkerOrder)
}
