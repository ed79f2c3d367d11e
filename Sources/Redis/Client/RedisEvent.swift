/// What happens to a client's connections, for logs and metrics.
public enum RedisEvent: Sendable {
    /// A connection is ready.
    case connected(RedisAddress)
    /// A connection ended.
    case disconnected(RedisAddress, RedisError)
    /// An attempt to connect failed; the next one comes after the pause.
    case connectFailed(RedisError, attempt: Int, pause: Duration)
}
