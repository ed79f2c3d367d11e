/// How far a fleet may grow or shrink within a span of time.
public struct ScalingStep: Hashable, Sendable {
    /// So many workers more, or fewer, at least 1.
    public let workers: Int
    /// Or this share of those there were, if that is more; 1 lets a fleet double.
    public let share: Double
    /// Within this span.
    public let span: Duration

    /// Makes a limit; fewer than one worker are taken for one, a share below zero for none.
    public init(workers: Int, orShare share: Double = 0, per span: Duration) {
        self.workers = max(1, workers)
        self.share = max(0, share)
        self.span = span
    }

    /// How many workers more or fewer a fleet of so many may come to have.
    func reach(from count: Int) -> Int {
        max(workers, Int(exactly: (Double(count) * share).rounded(.up)) ?? .max)
    }
}
