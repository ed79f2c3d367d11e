/// How urgent a message is within its queue: 9 runs first, 0 last.
public struct QueuePriority: Hashable, Comparable, Sendable {
    /// From 0 to 9.
    public let level: Int

    /// Makes a priority; nil outside 0…9.
    public init?(_ level: Int) {
        guard (0...9).contains(level) else { return nil }
        self.level = level
    }

    private init(known level: Int) {
        self.level = level
    }

    /// 0: when there is nothing else to do.
    public static let lowest = QueuePriority(known: 0)
    /// 5: what a message has unless someone says otherwise.
    public static let normal = QueuePriority(known: 5)
    /// 9: before everything else.
    public static let highest = QueuePriority(known: 9)

    /// Less urgent is less.
    public static func < (left: QueuePriority, right: QueuePriority) -> Bool {
        left.level < right.level
    }
}
