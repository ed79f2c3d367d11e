/// How many workers a fleet has, and in which state.
public struct FleetCensus: Hashable, Sendable {
    /// How many are wanted.
    public var desired = 0
    /// Those that take work.
    public var ready = 0
    /// Those that are starting, or can't reach their broker.
    public var unready = 0
    /// Those that finish what they run and end.
    public var draining = 0
    /// Places that stay empty for a while because their worker crashed.
    public var backingOff = 0
    /// How many workers were started in place of others, by reason.
    public var restarts: [RestartReason: Int] = [:]
    /// Whether the fleet is ending.
    public var isStopping = false

    /// An empty fleet.
    public init() {}
}
