/// How often a failed task is tried again, and how long it waits in between.
///
/// Exponential back-off with full jitter: the wait before retry n is drawn evenly from zero to
/// min(cap, base × factorⁿ⁻¹). Source: M. Brooker, "Exponential Backoff And Jitter", 2015.
public struct RetryPolicy: Hashable, Sendable {
    /// Attempts after the first that failures may cost, 0 or more.
    public var maxRetries: Int
    /// The longest wait before the first retry.
    public var base: Duration
    /// What each further wait is multiplied by, at least 1.
    public var factor: Double
    /// No wait is longer than this.
    public var cap: Duration
    /// Whether the wait is drawn between zero and its bound, so that a thousand failures don't return at once.
    public var jitter: Bool

    /// 3 retries, from 1 s, doubling, up to 10 minutes, with full jitter.
    public init(
        maxRetries: Int = 3, base: Duration = .seconds(1), factor: Double = 2, cap: Duration = .seconds(600),
        jitter: Bool = true
    ) {
        self.maxRetries = maxRetries
        self.base = base
        self.factor = factor
        self.cap = cap
        self.jitter = jitter
    }

    /// One attempt only.
    public static let never = RetryPolicy(maxRetries: 0)

    /// The longest wait before a retry, the first being 1.
    public func bound(beforeRetry retry: Int) -> Duration {
        var bound = base.inSeconds
        // A loop that stops at the cap, because factorⁿ of a large n overflows to infinity.
        for _ in 1..<max(retry, 1) where bound < cap.inSeconds { bound *= max(factor, 1) }
        return .seconds(min(bound, cap.inSeconds))
    }

    /// The wait before a retry, the first being 1.
    public func delay(beforeRetry retry: Int, using generator: inout some RandomNumberGenerator) -> Duration {
        let bound = bound(beforeRetry: retry)
        guard jitter, bound > .zero else { return bound }
        return .seconds(Double.random(in: 0...bound.inSeconds, using: &generator))
    }
}
