import Broker
import Foundation
import HTTPGateway
import JWTKit
import NIOHTTP1
import TaskQueue
import TestSupport
import Testing

@Suite("Access to the gateway", .timeLimit(.minutes(1)))
struct AccessTests {
    private let submit = #"{"text":""}"#

    private func bearer(_ secret: String) -> [(String, String)] { [("Authorization", "Bearer \(secret)")] }

    @Test("a key opens what its scopes name, and nothing opens without one")
    func scopes() async throws {
        let made = try #require(APIKey.make(name: "ci", scopes: [.enqueue]))
        let kept = try #require(APIKey(made.kept.description))
        try await Served.run(access: AccessControl(keys: [kept])) { served in
            #expect(try await served.ask(.POST, "/tasks/scripted", submit, headers: bearer(made.secret)).status == 202)
            #expect(
                try await served.ask(.POST, "/tasks/scripted", submit, headers: [("X-API-Key", made.secret)]).status
                    == 202)
            #expect(try await served.ask(.GET, "/tasks", headers: bearer(made.secret)).status == 403)
            #expect(try await served.ask(.POST, "/queues/q/pause", headers: bearer(made.secret)).status == 403)
            let none = try await served.ask(.GET, "/tasks")
            #expect(none.status == 401 && none.headers.first(name: "www-authenticate")?.hasPrefix("Bearer") == true)
            for wrong in [made.secret + "0", String(made.secret.dropLast()) + "x", "tq__", "tq_\(kept.id)_", "x"] {
                #expect(try await served.ask(.POST, "/tasks/scripted", submit, headers: bearer(wrong)).status == 401)
            }
            for open in ["/live", "/ready", "/openapi.json", "/"] {
                #expect(try await served.ask(.GET, open).status == 200)
            }
            #expect(try await served.ask(.GET, "/health").status == 401)
            #expect(try await served.ask(.GET, "/events").status == 401)
        }
    }

    @Test("what is kept of a key is its hash, and lines that are none are told apart")
    func kept() throws {
        let made = try #require(APIKey.make(name: "ci", scopes: [.enqueue, .read]))
        let secret = try #require(made.secret.split(separator: "_").last)
        #expect(!made.kept.description.contains(secret))
        #expect(APIKey(made.kept.description) == made.kept)
        #expect(APIKey.make(name: "a b", scopes: [.read]) == nil && APIKey.make(name: "a", scopes: []) == nil)
        for line in ["", "a", "ci read x 00", "ci everything x \(String(repeating: "0", count: 64))"] {
            #expect(APIKey(line) == nil)
        }
    }

    private struct Claims: JWTPayload {
        var sub: String? = "robot"
        var iss: String? = "me"
        var aud: String? = "taskqueue"
        var exp: ExpirationClaim? = .init(value: .now + 600)
        var nbf: NotBeforeClaim?
        var scope: String? = "enqueue read"

        func verify(using algorithm: some JWTAlgorithm) {}
    }

    private func expectation() -> TokenVerifier.Expectation {
        var expectation = TokenVerifier.Expectation()
        expectation.issuer = "me"
        expectation.audience = "taskqueue"
        return expectation
    }

    private func statuses(_ verifier: TokenVerifier, _ tokens: [String]) async throws -> [Int] {
        var statuses: [Int] = []
        try await Served.run(access: AccessControl(verifiers: [verifier])) { served in
            for token in tokens {
                statuses.append(
                    try await served.ask(.POST, "/tasks/scripted", submit, headers: bearer(token)).status)
            }
        }
        return statuses
    }

    @Test("a token is let in while it is in force, for this audience, from this issuer, with the scope")
    func claims() async throws {
        let secret = String(repeating: "s", count: 32)
        let keys = await JWTKeyCollection().add(hmac: HMACKey(from: secret), digestAlgorithm: .sha256)
        var all = [Claims()]
        all.append(Claims(exp: .init(value: .now - 600)))
        all.append(Claims(exp: nil))
        all.append(Claims(nbf: .init(value: .now + 600)))
        all.append(Claims(iss: "you"))
        all.append(Claims(aud: "others"))
        all.append(Claims(aud: nil))
        all.append(Claims(scope: "read"))
        var tokens: [String] = []
        for claims in all { tokens.append(try await keys.sign(claims)) }
        let other = await JWTKeyCollection().add(
            hmac: HMACKey(from: String(repeating: "t", count: 32)), digestAlgorithm: .sha256)
        tokens.append(try await other.sign(Claims()))
        // {"alg":"none"}, the same claims, no signature.
        let middle = try #require(tokens[0].split(separator: ".").dropFirst().first)
        tokens.append("eyJhbGciOiJub25lIn0.\(middle).")
        let verifier = try await TokenVerifier(secret: secret, expectation())
        #expect(try await statuses(verifier, tokens) == [202, 401, 401, 401, 401, 401, 401, 403, 401, 401])
    }

    @Test("tokens by RS256, ES256 and a JWKS document are checked with the public half alone")
    func publicKeys() async throws {
        let elliptic = ES256PrivateKey()
        let signer = await JWTKeyCollection().add(ecdsa: elliptic)
        let token = try await signer.sign(Claims())
        let verifier = try await TokenVerifier(publicKeyPEM: elliptic.publicKey.pemRepresentation, expectation())
        #expect(try await statuses(verifier, [token, token + "x"]) == [202, 401])

        let folder = try TemporaryFolder()
        let pem = folder.path("rsa.pem")
        try await ServerProcess.run(["openssl", "genrsa", "-out", pem, "2048"])
        let rsa = try Insecure.RSA.PrivateKey(pem: String(contentsOfFile: pem, encoding: .utf8))
        let rsaSigner = await JWTKeyCollection().add(rsa: rsa, digestAlgorithm: .sha256)
        let rsaToken = try await rsaSigner.sign(Claims())
        let rsaVerifier = try await TokenVerifier(publicKeyPEM: rsa.publicKey.pemRepresentation, expectation())
        #expect(try await statuses(rsaVerifier, [rsaToken, token]) == [202, 401])

        let parameters = try #require(elliptic.publicKey.parameters)
        let jwks = """
            {"keys":[{"kty":"EC","crv":"P-256","alg":"ES256","kid":"k1","x":"\(parameters.x)","y":"\(parameters.y)"}]}
            """
        let named = await JWTKeyCollection().add(ecdsa: elliptic, kid: "k1")
        let namedToken = try await named.sign(Claims(), kid: "k1")
        let jwksVerifier = try await TokenVerifier(jwks: jwks, expectation())
        #expect(try await statuses(jwksVerifier, [namedToken, rsaToken]) == [202, 401])
    }

    @Test("keys that can't be used are one sentence")
    func badKeys() async throws {
        await #expect(throws: KeyError.self) { try await TokenVerifier(secret: "short") }
        await #expect(throws: KeyError.self) { try await TokenVerifier(publicKeyPEM: "none") }
        await #expect(throws: KeyError.self) { try await TokenVerifier(jwks: "{}") }
    }

    @Test("who asks too often is told when to come back", arguments: [true, false])
    func rates(_ isShared: Bool) async throws {
        let server = isShared ? try await RedisServer.start() : nil
        let counter: any RateCounter =
            if let server { RedisCounter(broker: try server.broker()) } else { LocalRateCounter() }
        let access = AccessControl(perAddress: RateLimit(perSecond: 0.001, burst: 3), counter: counter)
        try await Served.run(access: access) { served in
            for _ in 0..<3 { #expect(try await served.ask(.GET, "/queues").status == 200) }
            let answer = try await served.ask(.GET, "/queues")
            #expect(answer.status == 429)
            let wait = try #require(answer.headers.first(name: "retry-after").flatMap { Int($0) })
            #expect((1...1000).contains(wait))
        }
    }

    @Test("a page of another site may neither submit nor reach it under a name of its own")
    func foreignPages() async throws {
        var limits = Served.patient
        limits.allowedHosts = ["127.0.0.1"]
        limits.allowedOrigins = ["https://ops.example.com"]
        try await Served.run(configuration: limits) { served in
            func ask(_ origin: String) async throws -> Served.Answer {
                try await served.ask(.POST, "/tasks/scripted", submit, headers: [("Origin", origin)])
            }
            #expect(try await ask("https://evil.example").status == 403)
            #expect(try await ask("http://127.0.0.1:\(served.port)").status == 202)
            let allowed = try await ask("https://ops.example.com")
            #expect(allowed.status == 202)
            #expect(allowed.headers.first(name: "access-control-allow-origin") == "https://ops.example.com")
            let rebound = try await served.ask(.GET, "/queues", headers: [("Host", "evil.example")])
            #expect(rebound.status == 403)
        }
    }
}

private struct RedisCounter: RateCounter {
    let broker: any TaskBroker

    func take(_ caller: String, _ limit: RateLimit) async throws -> Duration? {
        try await (broker as? RedisBroker)?.countRequest(of: caller, perSecond: limit.perSecond, burst: limit.burst)
    }
}
