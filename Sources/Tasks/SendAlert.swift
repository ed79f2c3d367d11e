public import TaskQueue

/// `send_alert`: tells people, once.
public struct SendAlert: TaskHandler {
    /// How bad it is.
    public enum Severity: String, Codable, Sendable, CaseIterable {
        /// Good to know.
        case info
        /// Look at it today.
        case warning
        /// Look at it now.
        case critical
    }

    /// What to tell.
    public struct Input: Codable, Sendable {
        /// How bad it is.
        public var severity: Severity
        /// What happened, for people.
        public var message: String
        /// Who says so.
        public var source: String?
        /// What else belongs to it; `kind` (equipment, mortality, sensor, water_quality) is what it is counted under.
        public var labels: [String: String]?
        /// Alerts of one fingerprint are one alert for a while; severity, source and message if absent.
        public var fingerprint: String?

        /// Describes an alert.
        public init(
            severity: Severity, message: String, source: String? = nil, labels: [String: String]? = nil,
            fingerprint: String? = nil
        ) {
            self.severity = severity
            self.message = message
            self.source = source
            self.labels = labels
            self.fingerprint = fingerprint
        }

        /// What makes two alerts the same.
        var effectiveFingerprint: String {
            fingerprint ?? "\(severity.rawValue)/\(source ?? "")/\(message)"
        }
    }

    /// Whom it reached.
    public struct Output: Codable, Sendable {
        /// The channels that took it.
        public var delivered: [String]
        /// Whether it was held back.
        public var suppressed: Bool
        /// Why.
        public var reason: String?
    }

    /// `send_alert`.
    public static let name = "send_alert"
    /// Urgent, and tried again for minutes.
    public static let policy = TaskPolicy(
        priority: .highest, retry: RetryPolicy(maxRetries: 8, base: .seconds(1), cap: .seconds(120)),
        softTimeLimit: .seconds(30))

    private let channels: [any AlertChannel]
    private let recent: RecentAlerts
    private let metrics = AlertMetrics()

    /// Makes the handler.
    /// - Parameters:
    ///   - channels: Where alerts go.
    ///   - quietPeriod: How long a second alert of one fingerprint is held back.
    public init(channels: [any AlertChannel], quietPeriod: Duration = .seconds(300)) {
        self.channels = channels
        recent = RecentAlerts(quietPeriod: quietPeriod)
    }

    /// Delivers the alert to every channel; a retry goes only to those that have not had it.
    /// - Throws: `AlertError` if a channel did not take it.
    public func run(_ input: Input, _ context: TaskContext) async throws -> Output {
        guard recent.claim(input.effectiveFingerprint, for: context.id) else {
            return Output(delivered: [], suppressed: true, reason: "the same alert was delivered a moment ago")
        }
        var delivered: [String] = []
        var failures: [any Error] = []
        for (place, channel) in channels.enumerated() {
            // By place, since several may lead to one host and so have one name.
            if recent.wasDelivered(context.id, to: place) {
                delivered.append(channel.name)
                continue
            }
            do {
                try await channel.deliver(input, context)
                recent.remember(context.id, deliveredTo: place)
                delivered.append(channel.name)
            } catch {
                // The others are still told.
                failures.append(error)
            }
        }
        // One channel that refused for good must not end the tries for another that is only down.
        if let failure = failures.first(where: { decide($0) != .giveUp }) ?? failures.first {
            recent.giveUp(input.effectiveFingerprint, of: context.id)
            throw failure
        }
        metrics.delivered(input)
        return Output(delivered: delivered, suppressed: false)
    }
}
