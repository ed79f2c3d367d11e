/// How a connection is encrypted and what is checked.
public struct RedisTLS: Hashable, Sendable {
    /// What is checked of the server's certificate.
    public enum Verification: String, Sendable {
        /// Signed by a trusted authority and issued for this host.
        case full
        /// Signed by a trusted authority, for whatever host.
        case ca
        /// Nothing; protects against listeners only, not against impostors.
        case none
    }

    /// A PEM file with the trusted authorities; nil for the system's.
    public var authority: String?
    /// A PEM file with the client's certificate chain.
    public var certificate: String?
    /// A PEM file with the client's private key.
    public var key: String?
    /// What is checked of the server's certificate.
    public var verification: Verification

    /// Describes an encrypted connection.
    public init(
        authority: String? = nil, certificate: String? = nil, key: String? = nil, verification: Verification = .full
    ) {
        self.authority = authority
        self.certificate = certificate
        self.key = key
        self.verification = verification
    }
}
