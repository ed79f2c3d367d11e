/// What a fleet does next.
public enum FleetAction: Hashable, Sendable {
    /// Start a process; a reason if another one was there before.
    case start(FleetMember, RestartReason?)
    /// Let a worker finish what it runs and end.
    case drain(FleetMember, DrainReason)
    /// Let a worker that drains hand back what it runs, and end.
    case handBack(FleetMember)
    /// Nobody is left, and nobody will come.
    case finish
}

/// Why a worker leaves.
public enum DrainReason: Hashable, Sendable, CustomStringConvertible {
    /// Another took its place.
    case replaced(RestartReason)
    /// Fewer workers are wanted.
    case scaleIn
    /// The fleet ends.
    case shutdown

    /// One word.
    public var description: String {
        switch self {
        case .replaced(let reason): reason.rawValue
        case .scaleIn: "scale_in"
        case .shutdown: "shutdown"
        }
    }
}
