/// Where a server listens: host and port, or a Unix socket.
public struct RedisAddress: Hashable, Sendable, CustomStringConvertible {
    /// A name, an IP address without brackets, or the path of a Unix socket.
    public let host: String
    /// The port; nil for a Unix socket.
    public let port: Int?

    /// An address on the network.
    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// The address of a Unix socket.
    public init(unixSocket path: String) {
        host = path
        port = nil
    }

    /// `host:port`, or `unix:/path`.
    public var description: String {
        guard let port else { return "unix:\(host)" }
        return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
