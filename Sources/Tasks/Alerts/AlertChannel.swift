import Logging
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
