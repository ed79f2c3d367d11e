/// Which servers a client talks to.
public enum RedisServers: Hashable, Sendable {
    /// One server.
    case single(RedisAddress)
    /// Whichever server these sentinels call the master of this name.
    case sentinel([RedisAddress], master: String)
    /// A cluster, found through any of these nodes.
    case cluster([RedisAddress])
}
