import Metrics
import Synchronization

/// Counts readings far from what their sensors usually say, by what those measure.
final class AnomalyMetrics: Sendable {
    private let counters = Mutex<[String: Counter]>([:])

    /// More kinds than these count as `other`: senders choose the names.
    private static let typesMax = 50

    func found(_ sensorType: String) {
        counters.withLock { counters in
            let type = counters[sensorType] == nil && counters.count >= Self.typesMax ? "other" : sensorType
            let counter =
                counters[type]
                ?? Counter(label: "taskqueue_sensor_anomalies_total", dimensions: [("sensor_type", type)])
            counters[type] = counter
            counter.increment()
        }
    }
}
