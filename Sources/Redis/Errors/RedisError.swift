/// What went wrong with a command or a connection, told in one sentence.
///
/// Never holds a password or a payload, so it may be logged as it is.
public struct RedisError: Error, Hashable, Sendable {
    /// The kind of failure, to decide by.
    public enum Code: Hashable, Sendable {
        /// The configuration or the address makes no sense.
        case configuration
        /// No connection could be made in time.
        case unavailable
        /// The server did not answer within the deadline; the connection was given up.
        case timeout
        /// The connection broke while the command was on its way.
        case connectionLost
        /// The client or connection was closed by its owner.
        case closed
        /// The caller was cancelled.
        case cancelled
        /// A password or user is wrong or missing.
        case authentication
        /// The user may not do this.
        case permission
        /// The TLS handshake failed.
        case tls
        /// The peer does not speak Redis.
        case protocolViolation
        /// The reply is valid but not of the expected kind.
        case unexpectedReply
        /// The server is a replica.
        case readOnly
        /// The server's `maxmemory` is reached.
        case outOfMemory
        /// The server is still reading its data set.
        case loading
        /// The server is busy with a script.
        case busy
        /// The script is not in the server's cache.
        case noScript
        /// The cluster can't serve this key now.
        case clusterDown
        /// Any other error reply, with its first word.
        case server(String)
    }

    /// The kind of failure.
    public let code: Code
    /// What happened, where, and why.
    public let message: String
    /// False if it is certain that the server never saw the command, so that repeating it is safe.
    public let maybeExecuted: Bool

    /// Makes an error.
    /// - Parameters:
    ///   - code: The kind of failure.
    ///   - message: What happened, where, and why; no secrets.
    ///   - maybeExecuted: Whether the command may have reached the server.
    public init(_ code: Code, _ message: String, maybeExecuted: Bool = false) {
        self.code = code
        self.message = message
        self.maybeExecuted = maybeExecuted
    }

    /// The same failure for a command that may, or can't, have reached the server.
    func with(maybeExecuted: Bool) -> RedisError { RedisError(code, message, maybeExecuted: maybeExecuted) }

    /// True if no waiting heals it: somebody has to change the configuration.
    var isLasting: Bool {
        switch code {
        case .configuration, .authentication, .permission, .tls: true
        default: false
        }
    }
}

extension RedisError: CustomStringConvertible {
    /// The sentence, with what to do about it.
    public var description: String {
        let fate = maybeExecuted && !isAnswer ? "; it may or may not have been executed" : ""
        return message + fate + (advice.map { ". " + $0 } ?? "")
    }

    /// True if the server itself said so.
    private var isAnswer: Bool {
        switch code {
        case .readOnly, .outOfMemory, .loading, .busy, .noScript, .clusterDown, .permission, .authentication, .server:
            true
        default: false
        }
    }

    private var advice: String? {
        switch code {
        case .authentication: "Check the user and password in the Redis URL"
        case .permission: "Grant the user this command and these keys (ACL SETUSER)"
        case .readOnly: "Point the client at the master, or use a redis+sentinel:// URL"
        case .outOfMemory: "Raise maxmemory or remove data"
        case .unavailable: "Check that the server runs and can be reached"
        case .protocolViolation: "Check that the port belongs to a Redis server and that TLS is on or off at both ends"
        default: nil
        }
    }
}
