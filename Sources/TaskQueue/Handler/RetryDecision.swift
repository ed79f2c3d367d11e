/// What a handler wants done about an error it met.
public enum RetryDecision: Hashable, Sendable {
    /// Try again after the policy's back-off, while attempts are left.
    case backOff
    /// Try again at once, while attempts are left.
    case retryNow
    /// Try again after this long, while attempts are left.
    case retry(after: Duration)
    /// End in FAILURE now, whatever attempts are left.
    case giveUp
    /// Try again after this long without spending an attempt: the time was wrong, not the task.
    case snooze(Duration)
}

/// An error that says what should be done about it.
public protocol RetryDeciding: Error {
    /// What should be done.
    var retryDecision: RetryDecision { get }
}

/// Thrown by a handler that is not ready yet: it runs again after this long, the attempt refunded.
public struct Snooze: RetryDeciding, CustomStringConvertible {
    /// How long.
    public let duration: Duration

    /// Asks to be run again later.
    public init(for duration: Duration) {
        self.duration = duration
    }

    /// Snooze.
    public var retryDecision: RetryDecision { .snooze(duration) }

    /// One phrase for people.
    public var description: String { "snoozed for \(duration)" }
}

/// Thrown by a handler that knows that trying again cannot help.
public struct GiveUp: RetryDeciding, CustomStringConvertible {
    /// Why; safe to log.
    public let description: String

    /// Ends the task in FAILURE for this reason.
    public init(_ description: String) {
        self.description = description
    }

    /// Give up.
    public var retryDecision: RetryDecision { .giveUp }
}
