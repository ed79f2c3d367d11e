import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization
import TaskQueue

/// Who may do what, and how often.
public final class AccessControl: Sendable {
    private let keys: Mutex<[String: APIKey]>
    private let verifiers: [TokenVerifier]
    private let perKey: RateLimit?
    private let perAddress: RateLimit?
    private let counter: any RateCounter

    /// Sets the rules.
    /// - Parameters:
    ///   - keys: API keys that are let in.
    ///   - verifiers: Check tokens; the first that knows one decides. With neither keys nor verifiers everybody may do
    ///     everything.
    ///   - perKey: How often each key or token may ask.
    ///   - perAddress: How often each address may ask, known or not.
    ///   - counter: Where requests are counted.
    public init(
        keys: [APIKey] = [], verifiers: [TokenVerifier] = [], perKey: RateLimit? = nil, perAddress: RateLimit? = nil,
        counter: any RateCounter = LocalRateCounter()
    ) {
        self.keys = Mutex(Dictionary(keys.map { ($0.id, $0) }) { $1 })
        self.verifiers = verifiers
        self.perKey = perKey
        self.perAddress = perAddress
        self.counter = counter
        isRequired = !keys.isEmpty || !verifiers.isEmpty
    }

    /// Whether callers must say who they are.
    public let isRequired: Bool

    /// Replaces the keys; those taken away are refused from the next request on.
    public func replace(keys: [APIKey]) {
        self.keys.withLock { $0 = Dictionary(keys.map { ($0.id, $0) }) { $1 } }
    }

    /// Lets a request pass, or says why not.
    /// - Throws: `Problem`.
    func admit(_ request: Request, from address: SocketAddress?, to scope: Scope?) async throws -> Principal? {
        if let perAddress, let address { try await count("address:\(Self.name(address))", perAddress) }
        guard let scope else { return nil }
        guard isRequired else { return nil }
        guard let principal = await principal(of: request) else {
            var problem = Problem(
                .unauthenticated,
                "this needs a key: send 'Authorization: Bearer KEY' with one made by 'queuectl keys create', or a token"
            )
            problem.headers[.wwwAuthenticate] = "Bearer realm=\"taskqueue\""
            throw problem
        }
        if let perKey { try await count("key:\(principal.name)", perKey) }
        guard principal.scopes.contains(scope) else {
            throw Problem(.forbidden, "'\(principal.name)' lacks the scope '\(scope.rawValue)'")
        }
        return principal
    }

    private func principal(of request: Request) async -> Principal? {
        let parts = request.headers[.authorization]?.split(separator: " ", maxSplits: 1).map(String.init) ?? []
        let bearer = parts.count == 2 && parts[0].lowercased() == "bearer" ? parts[1] : nil
        guard let secret = bearer ?? request.headers[.apiKey] else { return nil }
        if let id = APIKey.id(in: secret) {
            guard let key = keys.withLock({ $0[id] }), key.matches(secret) else { return nil }
            return Principal(name: key.name, scopes: key.scopes)
        }
        for verifier in verifiers {
            if let principal = await verifier.principal(of: secret) { return principal }
        }
        return nil
    }

    private func count(_ caller: String, _ limit: RateLimit) async throws {
        let wait: Duration?
        do {
            wait = try await counter.take(caller, limit)
        } catch {
            // A counter out of reach must not shut out everybody; the broker's own trouble is told by what follows.
            return
        }
        guard let wait else { return }
        throw Problem(
            .tooManyRequests, "more than \(limit.perSecond) requests a second; wait and try again", retryAfter: wait)
    }

    /// The address without its port; of IPv6 the half that one household has.
    private static func name(_ address: SocketAddress) -> String {
        guard let text = address.ipAddress else { return "local" }
        guard case .v6 = address else { return text }
        return text.split(separator: ":", omittingEmptySubsequences: false).prefix(4).joined(separator: ":")
    }

    /// Keeps pages of other sites out of a gateway that knows its callers by their address alone.
    ///
    /// A browser sends `Origin` with whatever a page sends elsewhere, and the page's own host name as `Host` even if
    /// that name was pointed at this machine.
    /// - Throws: `Problem`.
    func guardAgainstForeignPages(_ request: Request, _ configuration: GatewayConfiguration) throws {
        let authority = request.head.authority ?? ""
        if let allowed = configuration.allowedHosts, !isRequired {
            let host = Self.host(of: authority).lowercased()
            guard allowed.contains(host) else {
                throw Problem(.forbidden, "this gateway is not known under the name in the Host header")
            }
        }
        guard let origin = request.headers[.origin], !configuration.allowedOrigins.contains(origin) else { return }
        let own = origin.split(separator: "//", maxSplits: 1).last.map(String.init) ?? ""
        guard own == authority || [.get, .head, .options].contains(request.method) else {
            throw Problem(.forbidden, "pages of another site may not do this; list the site in gateway.cors_origins")
        }
    }

    private static func host(of authority: String) -> String {
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            return String(authority[authority.index(after: authority.startIndex)..<end])
        }
        return String(authority.prefix { $0 != ":" })
    }
}
