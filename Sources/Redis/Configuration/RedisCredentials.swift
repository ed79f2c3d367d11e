/// A user and a password; prints without the password.
public struct RedisCredentials: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// The ACL user; nil for the server's default user.
    public var user: String?
    /// The password.
    public var password: String

    /// Makes credentials.
    public init(user: String? = nil, password: String) {
        self.user = user
        self.password = password
    }

    /// `user:***`.
    public var description: String { "\(user ?? ""):***" }

    /// The same as ``description``: a debugger's output is copied into tickets as well.
    public var debugDescription: String { description }

    /// What `dump` shows: no password either.
    public var customMirror: Mirror { Mirror(self, children: ["user": user ?? "", "password": "***"]) }

    /// The command that presents them.
    var command: RedisCommand {
        RedisCommand("AUTH", (user.map { [.string($0)] } ?? []) + [.string(password)])
    }
}
