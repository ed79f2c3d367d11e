/// A worker process as its fleet sees it.
public struct FleetMember: Hashable, Sendable, Identifiable {
    /// Unique in the supervisor's life.
    public let id: Int
    /// The number of its seat, from 1, which its name ends in.
    public let number: Int
    /// How many times the fleet had been told to roll when it was started.
    let generation: Int
    let startedAt: ContinuousClock.Instant
    /// What it last told about itself.
    var report = MemberReport(isReady: false, busy: 0)
    /// Whether it was ever ready.
    var hasBeenReady = false
    /// Why it leaves, once it does.
    var leaves: DrainReason?
    var handsBack = false
}
