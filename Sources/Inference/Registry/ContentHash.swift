import Crypto
import FoundationEssentials

/// What tells pictures apart: the SHA-256 of their bytes, so that nobody can make two of the same.
public struct ContentHash: Hashable, Sendable {
    private let digest: SHA256.Digest

    /// Hashes a picture's bytes.
    public init(_ bytes: [UInt8]) {
        digest = SHA256.hash(data: bytes)
    }

    /// As text, for choices by key.
    public var text: String { digest.prefix(16).map { String($0, radix: 16) }.joined(separator: ".") }
}
