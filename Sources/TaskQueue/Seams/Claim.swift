/// What a worker can take on.
public struct Claim: Hashable, Sendable {
    /// How many deliveries at most.
    public var count: Int
    /// The task names it knows; others are left for workers that know them.
    public var tasks: Set<String>
    /// The queues it serves; nil for all.
    public var queues: Set<String>?

    /// Describes a claim.
    public init(count: Int, tasks: Set<String>, queues: Set<String>? = nil) {
        self.count = count
        self.tasks = tasks
        self.queues = queues
    }
}
