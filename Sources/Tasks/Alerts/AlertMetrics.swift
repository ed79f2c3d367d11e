import Metrics

/// Counts alerts that people were told of, by what they were about.
struct AlertMetrics: Sendable {
    /// What `labels.kind` may say; anything else counts as `other`, so that no label grows without bound.
    static let kinds = ["equipment", "mortality", "sensor", "water_quality", other]
    private static let other = "other"

    private let counters: [String: [SendAlert.Severity: Counter]]

    /// All series begin at zero, so that the first alert is an increase.
    init() {
        counters = Dictionary(
            uniqueKeysWithValues: Self.kinds.map { kind in
                let bySeverity = SendAlert.Severity.allCases.map { severity in
                    (
                        severity,
                        Counter(
                            label: "taskqueue_alerts_total",
                            dimensions: [("kind", kind), ("severity", severity.rawValue)])
                    )
                }
                return (kind, Dictionary(uniqueKeysWithValues: bySeverity))
            })
    }

    func delivered(_ alert: SendAlert.Input) {
        let known = alert.labels?["kind"].flatMap { counters[$0] } ?? counters[Self.other]
        known?[alert.severity]?.increment()
    }
}
