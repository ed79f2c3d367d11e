/// One command: its name and its arguments.
public struct RedisCommand: Hashable, Sendable {
    /// The name in capitals, such as `SET`.
    public let name: String
    /// What follows the name.
    public let arguments: [RedisArgument]
    /// Whether it may run where its key is going while the slot is on its way; if not, it waits.
    var followsMigration = true

    /// Makes a command from its arguments.
    public init(_ name: String, _ arguments: [RedisArgument] = []) {
        self.name = name
        self.arguments = arguments
    }

    /// Makes a command as one would type it.
    public init(_ name: String, _ arguments: RedisArgument...) {
        self.init(name, arguments)
    }
}
