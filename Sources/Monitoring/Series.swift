import CoreMetrics
import Synchronization

/// The numbers of one metric with one set of labels.
protocol Series: AnyObject, Sendable {
    func write(_ name: String, _ labels: String, to page: inout Exposition)
}

/// Counts up.
final class CounterSeries: Series, CounterHandler {
    private let count = Atomic<Int64>(0)

    func increment(by amount: Int64) {
        // A counter that falls would look like a restart.
        if amount > 0 { count.wrappingAdd(amount, ordering: .relaxed) }
    }

    func reset() {
        count.store(0, ordering: .relaxed)
    }

    func write(_ name: String, _ labels: String, to page: inout Exposition) {
        page.sample(name, rendered: labels, Double(count.load(ordering: .relaxed)))
    }
}

/// Holds the last value.
final class GaugeSeries: Series, MeterHandler, RecorderHandler {
    private let value = Mutex(0.0)

    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { self.value.withLock { $0 = value } }
    func increment(by amount: Double) { value.withLock { $0 += amount } }
    func decrement(by amount: Double) { value.withLock { $0 -= amount } }
    func record(_ value: Int64) { set(value) }
    func record(_ value: Double) { set(value) }

    func write(_ name: String, _ labels: String, to page: inout Exposition) {
        page.sample(name, rendered: labels, value.withLock { $0 })
    }
}

/// Counts values by bucket; what a timer records is kept in seconds.
final class HistogramSeries: Series, TimerHandler, RecorderHandler {
    /// Upper bounds: from a no-op's millisecond to an hour's work.
    static let bounds: [Double] = [
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600,
    ]

    private struct State {
        /// One for each bound, and one for all above.
        var counts = [Int64](repeating: 0, count: HistogramSeries.bounds.count + 1)
        var sum = 0.0
    }

    private let state = Mutex(State())

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        guard !value.isNaN else { return }
        let bucket = Self.bounds.firstIndex { value <= $0 } ?? Self.bounds.count
        state.withLock { state in
            state.counts[bucket] += 1
            state.sum += value
        }
    }

    func write(_ name: String, _ labels: String, to page: inout Exposition) {
        let state = state.withLock { $0 }
        let prefix = labels.isEmpty ? "" : labels + ","
        var total: Int64 = 0
        for (bound, count) in zip(Self.bounds + [.infinity], state.counts) {
            total += count
            page.sample("\(name)_bucket", rendered: "\(prefix)le=\"\(Exposition.number(bound))\"", Double(total))
        }
        page.sample("\(name)_sum", rendered: labels, state.sum)
        page.sample("\(name)_count", rendered: labels, Double(total))
    }
}
