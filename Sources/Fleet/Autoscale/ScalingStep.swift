/// How far a fleet may grow or shrink within a span of time.
public struct ScalingStep: Hashable, Sendable {
    /// So many workers more, or fewer, at least 1.
    public let workers: Int
    /// Within this span.
    public let span: Duration

    /// Makes a limit; fewer than one worker are taken for one.
    public init(workers: Int, per span: Duration) {
        self.workers = max(1, workers)
        self.span = span
    }
}
