import Crypto
import Foundation

/// An API key as a gateway keeps it: its hash, never the key.
///
/// A key is `tq_ID_SECRET`. The secret has 256 random bits, so that one round of SHA-256 keeps it; the id finds the
/// entry, so that the one comparison that matters takes the same time whatever was sent. Kept as one line:
/// `NAME SCOPE+SCOPE ID SHA256`.
public struct APIKey: Hashable, Sendable, CustomStringConvertible {
    /// What it is for; stands in logs.
    public let name: String
    /// What it may do.
    public let scopes: Set<Scope>
    /// Finds it again; no secret.
    public let id: String
    private let digest: [UInt8]

    /// Makes a new key.
    /// - Returns: The key to give away, and what to keep of it; nil if the name is not 1 to 64 letters, digits, `.`,
    ///   `_` or `-`, or there is no scope.
    public static func make(name: String, scopes: Set<Scope>) -> (secret: String, kept: APIKey)? {
        guard isName(name), !scopes.isEmpty else { return nil }
        let id = random(6)
        let secret = "tq_\(id)_\(random(32))"
        return (secret, APIKey(name: name, scopes: scopes, id: id, digest: Self.digest(secret)))
    }

    private init(name: String, scopes: Set<Scope>, id: String, digest: [UInt8]) {
        self.name = name
        self.scopes = scopes
        self.id = id
        self.digest = digest
    }

    /// Reads a kept line; nil if it is none.
    public init?(_ line: String) {
        let parts = line.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
        guard parts.count == 4, Self.isName(parts[0]), parts[3].utf8.count == 64 else { return nil }
        let names = parts[1].split(separator: "+").map(String.init)
        let scopes = names.compactMap(Scope.init(rawValue:))
        let digest = stride(from: 0, to: 64, by: 2).compactMap { offset in
            UInt8(parts[3].dropFirst(offset).prefix(2), radix: 16)
        }
        guard !scopes.isEmpty, scopes.count == names.count, digest.count == 32 else { return nil }
        self.init(name: parts[0], scopes: Set(scopes), id: parts[2], digest: digest)
    }

    /// The line to keep.
    public var description: String {
        "\(name) \(scopes.map(\.rawValue).sorted().joined(separator: "+")) \(id) \(Self.hex(digest))"
    }

    /// The id in a key that was sent; nil if it has not a key's form.
    static func id(in secret: String) -> String? {
        let parts = secret.split(separator: "_", omittingEmptySubsequences: false)
        return parts.count == 3 && parts[0] == "tq" ? String(parts[1]) : nil
    }

    /// Compares in constant time.
    func matches(_ secret: String) -> Bool {
        let other = Self.digest(secret)
        return zip(digest, other).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0 && other.count == digest.count
    }

    private static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) || "._-".contains($0) }
    }

    private static func digest(_ secret: String) -> [UInt8] {
        Array(SHA256.hash(data: Data(secret.utf8)))
    }

    private static func random(_ bytes: Int) -> String {
        hex((0..<bytes).map { _ in UInt8.random(in: .min ... .max) })
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
