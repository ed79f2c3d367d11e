/// How many workers there should be, and why not as many as were asked for.
public struct ScalingDecision: Hashable, Sendable {
    /// How many there should be.
    public let desired: Int
    /// How many there were.
    public let workers: Int
    /// How many the load alone asks for.
    public let wanted: Int
    /// What each queue asks for.
    public let demands: [QueueDemand]
    /// A sentence for everything that the load alone does not explain.
    public let reasons: [String]
}
