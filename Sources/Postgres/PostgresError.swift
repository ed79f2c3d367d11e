/// What went wrong with a statement or a connection, told in one sentence.
///
/// Never holds a password or a value from a row, so it may be logged as it is.
public struct PostgresError: Error, Hashable, Sendable {
    /// The kind of failure, to decide by.
    public enum Code: Hashable, Sendable {
        /// The URI makes no sense.
        case configuration
        /// No connection could be made in time.
        case unavailable
        /// No connection of the pool became free in time.
        case busy
        /// The server did not answer within the deadline; the connection was given up.
        case timeout
        /// The connection broke while a statement was on its way.
        case connectionLost
        /// The caller was cancelled.
        case cancelled
        /// The answer is not of the expected kind.
        case unexpectedAnswer
        /// The server refused.
        case server(SQLState)
    }

    /// The kind of failure.
    public let code: Code
    /// What happened, where, and why.
    public let message: String
    /// False if it is certain that nothing was changed.
    public let maybeExecuted: Bool

    /// Makes an error.
    /// - Parameters:
    ///   - code: The kind of failure.
    ///   - message: What happened, where, and why; no secrets.
    ///   - maybeExecuted: Whether the server may have done what it was asked.
    public init(_ code: Code, _ message: String, maybeExecuted: Bool = false) {
        self.code = code
        self.message = message
        self.maybeExecuted = maybeExecuted
    }

    /// The server's code, if the server answered.
    public var sqlState: SQLState? {
        if case .server(let state) = code { state } else { nil }
    }
}

extension PostgresError: CustomStringConvertible {
    /// The sentence, with what to do about it.
    public var description: String {
        let fate = maybeExecuted ? "; it may or may not have been done" : ""
        return message + fate + (advice.map { ". " + $0 } ?? "")
    }

    private var advice: String? {
        switch code {
        case .unavailable: "Check that the server runs and can be reached"
        case .busy: "Raise the number of connections or find what holds them"
        case .server(.readOnly): "Name the primary, or several hosts of which one is"
        case .server(.diskFull): "Make room on the server's disk"
        case .server(.tooManyConnections): "Raise max_connections or run fewer processes"
        default: nil
        }
    }
}
