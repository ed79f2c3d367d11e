/// Who asks, as a key or a token says.
public struct Principal: Hashable, Sendable {
    /// The key's name or the token's subject; stands in logs.
    public let name: String
    /// What it may do.
    public let scopes: Set<Scope>

    /// Describes a caller.
    public init(name: String, scopes: Set<Scope>) {
        self.name = name
        self.scopes = scopes
    }
}
