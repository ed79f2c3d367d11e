extension RedisConfiguration: CustomStringConvertible, CustomDebugStringConvertible {
    /// The URL, its password masked.
    public var description: String {
        let scheme = tls == nil ? "redis" : "rediss"
        let user = credentials.map { "\($0)@" } ?? ""
        let suffix = database == 0 ? "" : "/\(database)"
        return switch servers {
        case .single(let address) where address.port == nil: address.description
        case .single(let address): "\(scheme)://\(user)\(address)\(suffix)"
        case .sentinel(let sentinels, let master):
            "\(scheme)+sentinel://\(user)\(Self.list(sentinels))/\(master)\(suffix)"
        case .cluster(let nodes): "\(scheme)+cluster://\(user)\(Self.list(nodes))"
        }
    }

    /// The same as ``description``.
    public var debugDescription: String { description }

    private static func list(_ addresses: [RedisAddress]) -> String {
        addresses.map(\.description).joined(separator: ",")
    }
}
