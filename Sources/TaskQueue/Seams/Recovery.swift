/// What a sweep put right.
public struct Recovery: Hashable, Sendable {
    /// Tasks taken from workers whose lease lapsed; they run again.
    public var reclaimed: [TaskID] = []
    /// Workers whose lease lapsed.
    public var deadWorkers: [String] = []
    /// Claims without a task, or places in a queue without one: leftovers, removed.
    public var leftoversRemoved = 0
    /// Tasks that were nowhere (not ready, not scheduled, not claimed): put back into their queue.
    public var orphansRequeued: [TaskID] = []

    /// Nothing to put right.
    public init() {}

    /// Whether the sweep found nothing.
    public var isEmpty: Bool { self == Recovery() }
}
