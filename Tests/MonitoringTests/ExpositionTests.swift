import CoreMetrics
import Testing

@testable import Monitoring

@Suite("The page that a scraper reads")
struct ExpositionTests {
    @Test("escapes what would break a line")
    func escapes() {
        var page = Exposition()
        page.family("queue-depth", .gauge, help: "one\ntwo \\")
        page.sample("queue-depth", 2, [("queue", "a\"b\\c\nd"), ("1x", "y")])
        #expect(
            page.text == """
                # HELP queue_depth one two \\\\
                # TYPE queue_depth gauge
                queue_depth{queue="a\\"b\\\\c\\nd",_1x="y"} 2

                """)
    }

    @Test("writes numbers as Prometheus reads them")
    func numbers() {
        let written = [0, -3, 1.5, 1e300, .nan, .infinity, -.infinity].map(Exposition.number)
        #expect(written == ["0", "-3", "1.5", "1e+300", "NaN", "+Inf", "-Inf"])
    }

    @Test("holds what was counted through swift-metrics")
    func registry() async {
        let registry = PrometheusRegistry()
        for state in ["SUCCESS", "FAILURE", "SUCCESS"] {
            Counter(label: "taskqueue_tasks_total", dimensions: [("state", state)], factory: registry).increment()
        }
        Meter(label: "level", factory: registry).set(1.5)
        let page = await MetricsPage([registry]).text()
        #expect(
            page == """
                # HELP level Counted through swift-metrics.
                # TYPE level gauge
                level 1.5
                # HELP taskqueue_tasks_total Tasks that this worker brought to an end, by their final state.
                # TYPE taskqueue_tasks_total counter
                taskqueue_tasks_total{state="FAILURE"} 1
                taskqueue_tasks_total{state="SUCCESS"} 2

                """)
    }

    @Test("a timer's buckets are seconds and add up")
    func histogram() async {
        let registry = PrometheusRegistry()
        let timer = Timer(label: "wait", dimensions: [("queue", "q")], factory: registry)
        for milliseconds in [2, 700, 7_200_000] { timer.recordMilliseconds(milliseconds) }
        let lines = await MetricsPage([registry]).text().split(separator: "\n")
        for line in [
            #"wait_bucket{queue="q",le="0.001"} 0"#, #"wait_bucket{queue="q",le="0.0025"} 1"#,
            #"wait_bucket{queue="q",le="1"} 2"#, #"wait_bucket{queue="q",le="3600"} 2"#,
            #"wait_bucket{queue="q",le="+Inf"} 3"#, #"wait_sum{queue="q"} 7200.702"#, #"wait_count{queue="q"} 3"#,
        ] {
            #expect(lines.contains { $0 == line }, "\(line)")
        }
    }

    @Test("a name asked for as another kind counts into the void")
    func conflict() async {
        let registry = PrometheusRegistry()
        Counter(label: "n", factory: registry).increment(by: 3)
        Meter(label: "n", factory: registry).set(99)
        Timer(label: "n", factory: registry).recordNanoseconds(5)
        let page = await MetricsPage([registry]).text()
        #expect(page == "# HELP n Counted through swift-metrics.\n# TYPE n counter\nn 3\n")
    }

    @Test("a counter never falls")
    func monotonic() async {
        let registry = PrometheusRegistry()
        let counter = registry.makeCounter(label: "n", dimensions: [])
        counter.increment(by: 3)
        counter.increment(by: -2)
        #expect(await MetricsPage([registry]).text().hasSuffix("\nn 3\n"))
    }
}
