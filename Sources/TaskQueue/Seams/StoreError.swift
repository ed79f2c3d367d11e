/// Why a broker or result store could not do what it was asked.
///
/// Nothing was half done.
public struct StoreError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of trouble; tells whether trying again can help.
    public enum Code: String, Hashable, Sendable {
        /// It can't be reached, or answered too late. Try again.
        case unavailable
        /// Someone else holds it for longer than the deadline. Try again.
        case busy
        /// It has no room left. Make room, then try again.
        case full
        /// It may be read but not written.
        case readOnly
        /// It is not one of ours, is damaged, or was made by another version.
        case incompatible
        /// What was asked makes no sense.
        case invalidRequest
    }

    /// What kind of trouble.
    public let code: Code
    /// What was tried, where, why it failed and what to do; no payload, no secret.
    public let message: String

    /// Describes a failure.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Whether the same call may succeed later without anyone changing the request.
    public var isTransient: Bool {
        code == .unavailable || code == .busy || code == .full
    }

    /// Two failures of one kind are equal, whatever their words.
    public static func == (left: StoreError, right: StoreError) -> Bool {
        left.code == right.code
    }

    /// Hashes the code alone, as equality does.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(code)
    }

    /// The message.
    public var description: String { message }
}

/// What a broker throws.
public typealias BrokerError = StoreError

/// What a result store throws.
public typealias ResultError = StoreError
