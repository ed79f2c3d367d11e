import Metrics
import Synchronization
import TaskQueue

/// The gateway's own metrics: requests by method, route and status, and how long they took.
///
/// Routes are patterns, never paths, so that nothing a caller sends becomes a label.
final class HTTPTelemetry: Sendable {
    private struct Key: Hashable {
        let method: String
        let route: String
        let status: Int
    }

    private let counters = Mutex<[Key: Counter]>([:])
    private let timers = Mutex<[Key: Timer]>([:])
    private let factory: any MetricsFactory

    /// Counts by the factory in force here.
    init() {
        factory = MetricsSystem.factory
    }

    func answered(_ method: String, _ route: String, _ status: Int, in duration: Duration) {
        let key = Key(method: method, route: route, status: status)
        let counter = counters.withLock { counters in
            if let counter = counters[key] { return counter }
            let dimensions = [("method", method), ("route", route), ("status", "\(status)")]
            let counter = Counter(label: "http_requests_total", dimensions: dimensions, factory: factory)
            counters[key] = counter
            return counter
        }
        counter.increment()
        let timed = Key(method: method, route: route, status: 0)
        let timer = timers.withLock { timers in
            if let timer = timers[timed] { return timer }
            let dimensions = [("method", method), ("route", route)]
            let timer = Timer(label: "http_request_duration_seconds", dimensions: dimensions, factory: factory)
            timers[timed] = timer
            return timer
        }
        timer.recordNanoseconds(Int64(duration.inSeconds * 1e9))
    }
}
