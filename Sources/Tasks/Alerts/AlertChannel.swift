public import AsyncHTTPClient
import FoundationEssentials
import Logging
import NIOCore
import NIOHTTP1
public import TaskQueue

/// Where alerts go.
public protocol AlertChannel: Sendable {
    /// The channel's name in results and logs.
    var name: String { get }

    /// Delivers an alert.
    /// - Throws: `AlertError`, which says whether trying again can help.
    func deliver(_ alert: SendAlert.Input, _ context: TaskContext) async throws
}

/// Why a channel did not take an alert.
public struct AlertError: RetryDeciding, CustomStringConvertible {
    /// What happened, for the log.
    public let description: String
    /// What should be done.
    public let retryDecision: RetryDecision
}

/// Alerts on the worker's log.
public struct ConsoleChannel: AlertChannel {
    /// `console`.
    public let name = "console"

    /// Makes the channel.
    public init() {}

    /// Logs the alert, louder the worse it is.
    public func deliver(_ alert: SendAlert.Input, _ context: TaskContext) async throws {
        let level: Logger.Level =
            switch alert.severity {
            case .info: .notice
            case .warning: .warning
            case .critical: .critical
            }
        context.logger.log(
            level: level, "ALERT \(alert.severity.rawValue): \(alert.message)",
            metadata: ["source": "\(alert.source ?? "-")"])
    }
}

/// Alerts as JSON to an HTTP endpoint.
public struct WebhookChannel: AlertChannel {
    /// `webhook:` and the host.
    public let name: String
    private let url: String
    private let http: HTTPClient
    private let timeout: Duration

    /// Makes a channel for an `https:` or `http:` address.
    public init(url: String, http: HTTPClient, timeout: Duration = .seconds(5)) {
        self.url = url
        self.http = http
        self.timeout = timeout
        // Only the host: a webhook's path is often its secret.
        name = "webhook:\(URL(string: url)?.host() ?? "?")"
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
        request.body = .bytes(
            try PayloadCodec.encode(
                Body(
                    id: context.id, severity: alert.severity, message: alert.message, source: alert.source,
                    labels: alert.labels, fingerprint: alert.effectiveFingerprint)))
        let status: UInt
        do {
            status = try await http.execute(request, timeout: .milliseconds(timeout.wholeMilliseconds)).status.code
        } catch {
            throw AlertError(description: "\(name) can't be reached: \(error)", retryDecision: .backOff)
        }
        switch status {
        case 200..<300: return
        case 408, 429, 500...: throw AlertError(description: "\(name) answered \(status)", retryDecision: .backOff)
        default: throw AlertError(description: "\(name) refused the alert: \(status)", retryDecision: .giveUp)
        }
    }
}
