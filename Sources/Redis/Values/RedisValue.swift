/// One reply of the server, or a part of one.
public enum RedisValue: Hashable, Sendable {
    /// Nothing: a missing key, an empty wait.
    case null
    /// A whole number.
    case integer(Int64)
    /// A binary string.
    case bytes([UInt8])
    /// A status such as `OK`.
    case simple(String)
    /// A list of replies.
    case array([RedisValue])
    /// An error reply; at the top of a reply `send` throws it, inside an array it stays a value.
    case error(RedisServerError)
}
