public import CoreMetrics
import Synchronization

/// Keeps what a process counts through swift-metrics, for a scraper to read.
///
/// A name belongs to the kind that asked for it first; the same name as another kind counts into the void, because a
/// library's slip must not stop a worker.
public final class PrometheusRegistry: MetricsFactory, MetricsSource {
    private struct Family {
        let kind: Exposition.Kind
        /// By their labels, as rendered.
        var series: [String: any Series] = [:]
    }

    private let families = Mutex<[String: Family]>([:])

    /// An empty registry.
    public init() {}

    private func series<Made: Series>(
        _ label: String, _ dimensions: [(String, String)], _ kind: Exposition.Kind, _ make: () -> Made
    ) -> Made {
        let labels = Exposition.render(dimensions)
        return families.withLock { families in
            var family = families[label] ?? Family(kind: kind)
            if let known = family.series[labels] as? Made { return known }
            let made = make()
            guard family.kind == kind, family.series[labels] == nil else { return made }
            family.series[labels] = made
            families[label] = family
            return made
        }
    }

    /// Makes a counter.
    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(label, dimensions, .counter) { CounterSeries() }
    }

    /// Makes a gauge.
    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(label, dimensions, .gauge) { GaugeSeries() }
    }

    /// Makes a histogram, or a gauge that holds the last value.
    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        guard aggregate else { return series(label, dimensions, .gauge) { GaugeSeries() } }
        return series(label, dimensions, .histogram) { HistogramSeries() }
    }

    /// Makes a histogram of seconds.
    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        series(label, dimensions, .histogram) { HistogramSeries() }
    }

    /// Keeps the counter: a scraper expects it to go on.
    public func destroyCounter(_ handler: any CounterHandler) {}
    /// Keeps the gauge.
    public func destroyMeter(_ handler: any MeterHandler) {}
    /// Keeps the recorder.
    public func destroyRecorder(_ handler: any RecorderHandler) {}
    /// Keeps the timer.
    public func destroyTimer(_ handler: any TimerHandler) {}

    /// Writes every family, sorted by name.
    public func write(to page: inout Exposition) async {
        let families = families.withLock { $0 }
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            page.family(name, family.kind, help: MetricHelp.of(name))
            for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
                series.write(name, labels, to: &page)
            }
        }
    }
}
