/// Stops asking a model that keeps failing, and asks again now and then.
///
/// A plain value: what it decides is tested by calling it.
struct CircuitBreaker: Sendable {
    private enum State {
        case closed(failures: Int)
        case open(until: ContinuousClock.Instant)
        /// One caller tries; the others wait for how that ends.
        case trying(since: ContinuousClock.Instant)
    }

    private var state = State.closed(failures: 0)

    static let failuresMax = 5
    static let pause = Duration.seconds(10)

    /// Whether a caller may try now; else how long it should wait.
    mutating func admit(at now: ContinuousClock.Instant) -> Duration? {
        switch state {
        case .closed: return nil
        case .open(let until) where now < until: return until - now
        // One who tries and never says how it went must not keep it shut for ever.
        case .trying(let since) where now - since < Self.pause: return Self.pause - (now - since)
        case .open, .trying:
            state = .trying(since: now)
            return nil
        }
    }

    /// Notes how a try went.
    mutating func note(success: Bool, at now: ContinuousClock.Instant) {
        switch (state, success) {
        case (_, true): state = .closed(failures: 0)
        case (.closed(let failures), false) where failures + 1 < Self.failuresMax:
            state = .closed(failures: failures + 1)
        case (_, false): state = .open(until: now + Self.pause)
        }
    }
}
