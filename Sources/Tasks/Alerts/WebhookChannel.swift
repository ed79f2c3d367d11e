public import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1
public import TaskQueue

/// Alerts as JSON to an HTTP endpoint.
public struct WebhookChannel: AlertChannel {
    /// `webhook:` and the host.
    public let name: String
    private let url: String
    private let authorization: String?
    private let http: HTTPClient
    private let timeout: Duration

    /// The longest wait that an endpoint may ask for.
    private static let waitMax = Duration.seconds(3600)

    /// Makes a channel for an `https:` or `http:` address; a user and password in it become basic authentication.
    public init(url: String, http: HTTPClient, timeout: Duration = .seconds(5)) {
        var components = URLComponents(string: url)
        authorization = components.flatMap(Self.basicAuthorization)
        components?.user = nil
        components?.password = nil
        self.url = components?.string ?? url
        self.http = http
        self.timeout = timeout
        // Only the host: a webhook's path is often its secret.
        name = "webhook:\(components?.host ?? "?")"
    }

    private static func basicAuthorization(_ components: URLComponents) -> String? {
        guard let user = components.user else { return nil }
        return "Basic \(Data("\(user):\(components.password ?? "")".utf8).base64EncodedString())"
    }

    private struct Body: Encodable {
        let id: TaskID
        let severity: SendAlert.Severity
        let message: String
        let source: String?
        let labels: [String: String]?
        let fingerprint: String
    }

    /// Posts the alert.
    ///
    /// The task's id is its idempotency key, so that a receiver can tell a repetition.
    public func deliver(_ alert: SendAlert.Input, _ context: TaskContext) async throws {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json")
        request.headers.add(name: "idempotency-key", value: "\(context.id)")
        if let authorization { request.headers.add(name: "authorization", value: authorization) }
        request.body = .bytes(
            try PayloadCodec.encode(
                Body(
                    id: context.id, severity: alert.severity, message: alert.message, source: alert.source,
                    labels: alert.labels, fingerprint: alert.effectiveFingerprint)))
        let answer: HTTPClientResponse
        do {
            answer = try await http.execute(request, timeout: .milliseconds(timeout.wholeMilliseconds))
        } catch {
            throw AlertError(description: "\(name) can't be reached: \(error)", retryDecision: .backOff)
        }
        try judge(answer)
    }

    private func judge(_ answer: HTTPClientResponse) throws(AlertError) {
        let status = answer.status.code
        switch status {
        case 200..<300: return
        case 408, 429, 500...:
            let wait = answer.headers.first(name: "retry-after").flatMap(Self.wait)
            throw AlertError(
                description: "\(name) answered \(status)", retryDecision: wait.map { .retry(after: $0) } ?? .backOff)
        default: throw AlertError(description: "\(name) refused the alert: \(status)", retryDecision: .giveUp)
        }
    }

    /// The wait in whole seconds that a `Retry-After` asks for; nil for its other form, a date, and for nonsense.
    private static func wait(_ header: String) -> Duration? {
        Int(header).flatMap { $0 >= 0 ? min(.seconds($0), waitMax) : nil }
    }
}
