internal import Crypto

/// A Lua script, known to the server by its SHA-1.
public struct RedisScript: Hashable, Sendable {
    /// The Lua text.
    public let source: String
    /// The hexadecimal SHA-1 of the text, as EVALSHA wants it.
    public let digest: String
    /// Whether it touches no keys but those it is given.
    public let namesAllKeys: Bool

    /// Makes a script and computes its digest; do it once, not per call.
    /// - Parameters:
    ///   - source: The Lua text.
    ///   - namesAllKeys: False if it touches keys it was not given. While a cluster moves a slot, a node can't tell
    ///     whether it has all of those, so the script waits until the slot has arrived. The key it is given must then
    ///     be one that is never written, or the node that the slot leaves would still run it.
    public init(_ source: String, namesAllKeys: Bool = true) {
        self.source = source
        self.namesAllKeys = namesAllKeys
        digest = Insecure.SHA1.hash(data: Array(source.utf8)).reduce(into: "") { text, byte in
            text += (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
    }

    /// The call by digest.
    func call(keys: [RedisArgument], arguments: [RedisArgument]) -> RedisCommand {
        var words: [RedisArgument] = []
        words.reserveCapacity(2 + keys.count + arguments.count)
        words.append(.string(digest))
        words.append(.integer(Int64(keys.count)))
        words += keys
        words += arguments
        return command("EVALSHA", words)
    }

    /// The same call by the text.
    func callByText(_ call: RedisCommand) -> RedisCommand {
        command("EVAL", [.string(source)] + call.arguments.dropFirst())
    }

    private func command(_ name: String, _ words: [RedisArgument]) -> RedisCommand {
        var command = RedisCommand(name, words)
        command.followsMigration = namesAllKeys
        return command
    }
}
