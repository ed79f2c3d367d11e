import Foundation
import JWTKit

/// Checks JSON Web Tokens: signature, `exp`, `nbf`, `iss`, `aud` and scopes.
public struct TokenVerifier: Sendable {
    /// What a token must say, besides being signed by a known key and in force.
    public struct Expectation: Sendable {
        /// The `iss` that is demanded; any if nil.
        public var issuer: String?
        /// One of `aud` that is demanded; any if nil.
        public var audience: String?
        /// How far clocks may differ.
        public var leeway = Duration.seconds(30)

        /// Any issuer and audience.
        public init() {}
    }

    private let keys: JWTKeyCollection
    private let expectation: Expectation

    /// A verifier of tokens signed with a shared secret (HS256).
    /// - Throws: If the secret is shorter than 32 bytes, as RFC 7518 demands.
    public init(secret: String, _ expectation: Expectation = Expectation()) async throws {
        guard secret.utf8.count >= 32 else {
            throw KeyError("auth.jwt.secret has fewer than 32 bytes; make one with: openssl rand -hex 32")
        }
        keys = await JWTKeyCollection().add(hmac: HMACKey(from: secret), digestAlgorithm: .sha256)
        self.expectation = expectation
    }

    /// A verifier of tokens signed with a key whose public half is given as PEM: RS256 or ES256.
    /// - Throws: If it is neither an RSA nor a P-256 key.
    public init(publicKeyPEM pem: String, _ expectation: Expectation = Expectation()) async throws {
        let collection = JWTKeyCollection()
        if let key = try? ES256PublicKey(pem: pem) {
            await collection.add(ecdsa: key)
        } else if let key = try? Insecure.RSA.PublicKey(pem: pem) {
            await collection.add(rsa: key, digestAlgorithm: .sha256)
        } else {
            throw KeyError("the public key is neither an RSA nor a P-256 key in PEM")
        }
        keys = collection
        self.expectation = expectation
    }

    /// A verifier of tokens signed with one of the keys in a JWKS document.
    /// - Throws: If the document is none, or a key in it has no `kid` or an unknown kind.
    public init(jwks json: String, _ expectation: Expectation = Expectation()) async throws {
        do {
            keys = try await JWTKeyCollection().add(jwksJSON: json)
        } catch {
            throw KeyError("the JWKS document can't be used: it must hold keys with kty, kid and alg")
        }
        self.expectation = expectation
    }

    /// Who a token speaks for; nil if it is not valid.
    func principal(of token: String) async -> Principal? {
        guard token.utf8.count <= 8192, let claims = try? await keys.verify(token, as: Claims.self) else { return nil }
        return claims.principal(under: expectation, at: Date())
    }
}

/// Why a key that tokens are checked with can't be used.
public struct KeyError: Error, CustomStringConvertible {
    /// One sentence; nothing of the key.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// What a token says.
private struct Claims: JWTPayload {
    let sub: String?
    let iss: String?
    let aud: AudienceClaim?
    let exp: ExpirationClaim?
    let nbf: NotBeforeClaim?
    /// Words with blanks between them, as RFC 8693 has it.
    let scope: String?
    let scopes: [String]?

    func verify(using algorithm: some JWTAlgorithm) throws {
        // An unsigned token, or one of an algorithm that was never asked for, has no business here.
        guard ["HS256", "RS256", "ES256"].contains(algorithm.name) else {
            throw JWTError.generic(identifier: "alg", reason: "not allowed")
        }
    }

    func principal(under expectation: TokenVerifier.Expectation, at now: Date) -> Principal? {
        let leeway = Double(expectation.leeway.components.seconds)
        // One that never ends can't be taken back.
        guard let exp, exp.value.addingTimeInterval(leeway) > now else { return nil }
        if let nbf, nbf.value.addingTimeInterval(-leeway) > now { return nil }
        if let issuer = expectation.issuer, iss != issuer { return nil }
        if let audience = expectation.audience, aud?.value.contains(audience) != true { return nil }
        let words = (scope?.split(separator: " ").map(String.init) ?? []) + (scopes ?? [])
        return Principal(
            name: String((sub ?? "token").prefix(64)), scopes: Set(words.compactMap(Scope.init(rawValue:))))
    }
}
