/// When a worker process has done enough and should make room for a fresh one; nil where there is no limit.
public struct RecyclingPolicy: Hashable, Sendable {
    /// How long it may run.
    public var age: Duration?
    /// How many attempts it may bring to their end.
    public var tasks: Int?
    /// How many bytes it may keep in memory.
    public var residentBytes: Int?
    /// How many attempts it may have abandoned because they ignored their end.
    public var abandoned: Int? = 1

    /// One abandoned attempt is enough; nothing else matters.
    public init() {}

    /// Why a worker of these figures should be replaced; nil while it need not be.
    public func reason(toReplace figures: MemberFigures) -> RestartReason? {
        if let abandoned, figures.abandoned >= abandoned { return .stuck }
        if let residentBytes, let used = figures.residentBytes, used > residentBytes { return .memory }
        if let tasks, figures.ended >= tasks { return .tasks }
        if let age, figures.age >= age { return .age }
        return nil
    }
}
