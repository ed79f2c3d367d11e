/// Why an attempt or a task did not end well; safe to log and to keep.
public struct TaskFailure: Error, Hashable, Sendable, Codable, CustomStringConvertible {
    /// The cause.
    ///
    /// Causes stay apart because operators act differently on each.
    public enum Reason: String, Hashable, Sendable, Codable, CaseIterable {
        /// The handler threw.
        case failed
        /// An attempt took longer than its limit.
        case timedOut = "timed_out"
        /// Someone cancelled it.
        case cancelled
        /// It was not started in time.
        case expired
        /// Its worker is shutting down.
        case interrupted
        /// Its worker died or fell silent.
        case leaseLost = "lease_lost"
        /// No worker can decode it, or it killed too many workers.
        case quarantined
    }

    /// The cause.
    public var reason: Reason
    /// One sentence: what, where, why; never a payload.
    public var message: String
    /// The Swift type of the error, if there was one.
    public var type: String?

    /// Longest message kept, in characters; an error that quotes its input must not fill the store.
    public static let messageLengthMax = 2000

    /// Describes a failure; a message over ``messageLengthMax`` characters is cut.
    public init(_ reason: Reason, _ message: String, type: String? = nil) {
        self.reason = reason
        self.message =
            message.utf8.count > Self.messageLengthMax ? String(message.prefix(Self.messageLengthMax)) + "…" : message
        self.type = type
    }

    /// Describes an error that a handler threw.
    public init(_ error: any Error) {
        self.init(.failed, String(describing: error), type: String(describing: Swift.type(of: error)))
    }

    /// Reason and message.
    public var description: String {
        "\(reason.rawValue): \(message)"
    }
}
