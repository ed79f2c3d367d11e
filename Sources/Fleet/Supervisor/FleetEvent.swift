/// What a fleet hears.
public enum FleetEvent: Hashable, Sendable {
    /// A worker told about itself.
    case reported(FleetMember.ID, MemberReport)
    /// A worker's process is gone.
    case ended(FleetMember.ID, MemberEnd)
    /// So many workers are wanted.
    case resized(Int)
    /// Everyone is to be replaced, one by one.
    case roll(RestartReason)
    /// The fleet is to end: the first time by draining, then by handing back at once.
    case stop
    /// Time has passed.
    case tick
}
