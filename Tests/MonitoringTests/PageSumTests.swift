import CoreMetrics
import Testing

@testable import Monitoring

@Suite("The pages of several processes, added up")
struct PageSumTests {
    private func page(_ tasks: Double, busy: Double, drift: Double, label: String = "a") -> String {
        var page = Exposition()
        page.family("taskqueue_tasks_total", .counter, help: "Tasks that ended.")
        page.sample("taskqueue_tasks_total", tasks, [("task", label)])
        page.family("taskqueue_worker_slots", .gauge, help: "Room.")
        page.sample("taskqueue_worker_slots", busy, [("state", "busy")])
        page.family("ml_model_drift", .gauge, help: "Drift.")
        page.sample("ml_model_drift", drift)
        return page.text
    }

    @Test("counters and rooms are added, of other gauges the largest counts, and series stay apart")
    func sum() {
        var sum = PageSum()
        sum.add(page(3, busy: 2, drift: 0.5))
        sum.add(page(4, busy: 1, drift: 0.25))
        sum.add(page(5, busy: 0, drift: 0, label: "two words"))
        #expect(
            sum.text == """
                # HELP taskqueue_tasks_total Tasks that ended.
                # TYPE taskqueue_tasks_total counter
                taskqueue_tasks_total{task="a"} 7
                taskqueue_tasks_total{task="two words"} 5
                # HELP taskqueue_worker_slots Room.
                # TYPE taskqueue_worker_slots gauge
                taskqueue_worker_slots{state="busy"} 3
                # HELP ml_model_drift Drift.
                # TYPE ml_model_drift gauge
                ml_model_drift 0.5

                """)
    }

    @Test("of a process that ended its counts stay, and nothing else")
    func over() {
        var sum = PageSum()
        sum.add(page(3, busy: 2, drift: 0.5), isOver: true)
        #expect(sum.text.contains(#"taskqueue_tasks_total{task="a"} 3"#))
        #expect(!sum.text.contains("slots") && !sum.text.contains("drift"))
    }

    @Test("histograms keep all their lines")
    func histogram() async {
        let registry = PrometheusRegistry()
        registry.makeTimer(label: "wait_seconds", dimensions: [("queue", "q")]).recordNanoseconds(2_000_000)
        var page = Exposition()
        await registry.write(to: &page)
        var sum = PageSum()
        sum.add(page.text)
        #expect(sum.text == page.text)
        sum.add(page.text)
        #expect(sum.text.contains(#"wait_seconds_bucket{queue="q",le="+Inf"} 2"#))
        #expect(sum.text.contains(#"wait_seconds_sum{queue="q"} 0.004"#))
    }

    @Test(
        "what is no page adds nothing",
        arguments: ["", "\n\n", "x 1", "# TYPE", "# TYPE a gauge\na", "{} {} {}", "# HELP"])
    func garbage(_ text: String) {
        var sum = PageSum()
        sum.add(text)
        #expect(sum.text.isEmpty)
    }
}
