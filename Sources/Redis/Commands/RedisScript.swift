internal import Crypto

/// A Lua script, known to the server by its SHA-1.
public struct RedisScript: Hashable, Sendable {
    /// The Lua text.
    public let source: String
    /// The hexadecimal SHA-1 of the text, as EVALSHA wants it.
    public let digest: String

    /// Makes a script and computes its digest; do it once, not per call.
    public init(_ source: String) {
        self.source = source
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
        return RedisCommand("EVALSHA", words)
    }
}
