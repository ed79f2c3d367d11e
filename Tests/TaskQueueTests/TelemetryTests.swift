import Metrics
import MetricsTestKit
import TestSupport
import Testing

@testable import TaskQueue

@Suite("A worker's metrics", .timeLimit(.minutes(1)))
struct TelemetryTests {
    /// What dashboards are built on: every name with its labels.
    private static let promised: [String: Set<String>] = [
        "taskqueue_tasks_total": ["task", "queue", "state"], "taskqueue_task_duration_seconds": ["task"],
        "taskqueue_task_wait_seconds": ["queue"], "taskqueue_retries_total": ["task"],
        "taskqueue_lease_lost_total": [], "taskqueue_redeliveries_total": [],
    ]

    private func labels(_ dimensions: [(String, String)]) -> [String: String] {
        Dictionary(uniqueKeysWithValues: dimensions)
    }

    @Test("have the promised names and labels, and count what happened", arguments: DriverUnderTest.allCases)
    func worker(_ driver: DriverUnderTest) async throws {
        let metrics = TestMetrics()
        let bench = try await driver.make(isReal: true)
        let handler = Scripted { input, context in
            if input.text == "hopeless" { throw GiveUp("no") }
            if input.text == "shaky", context.attempt < 3 { throw Oops() }
        }
        let worker = withMetricsFactory(metrics) { makeWorker(bench, [handler]) }
        try await worker.run {
            let client = bench.client
            var options = TaskOptions()
            options.queue = "slow"
            for text in ["fine", "shaky", "hopeless"] {
                let receipt = try await client.enqueue(Scripted.self, .init(text: text), options)
                _ = try await client.wait(for: receipt.id, atMost: .seconds(30))
            }
        }
        for counter in metrics.counters {
            #expect(Self.promised[counter.label] == Set(labels(counter.dimensions).keys), "\(counter.label)")
        }
        for timer in metrics.timers {
            #expect(Self.promised[timer.label] == Set(labels(timer.dimensions).keys), "\(timer.label)")
        }
        #expect(Set(metrics.counters.map(\.label) + metrics.timers.map(\.label)) == Set(Self.promised.keys))
        #expect(metrics.meters.isEmpty && metrics.recorders.isEmpty)

        #expect(
            total(metrics, "taskqueue_tasks_total", ["task": "scripted", "queue": "slow", "state": "SUCCESS"]) == 2)
        #expect(
            total(metrics, "taskqueue_tasks_total", ["task": "scripted", "queue": "slow", "state": "FAILURE"]) == 1)
        #expect(total(metrics, "taskqueue_retries_total", ["task": "scripted"]) == 2)
        #expect(total(metrics, "taskqueue_redeliveries_total", [:]) == 2)
        #expect(total(metrics, "taskqueue_lease_lost_total", [:]) == 0)
        let durations = metrics.timers.filter { $0.label == "taskqueue_task_duration_seconds" }
        #expect(durations.map { labels($0.dimensions) } == [["task": "scripted"]])
        #expect(durations.first?.values.count == 5)
        let waits = metrics.timers.filter { $0.label == "taskqueue_task_wait_seconds" }
        #expect(waits.map { labels($0.dimensions) } == [["queue": "slow"]])
        // A retry's back-off is no waiting, so the second and third attempt add nothing.
        #expect(waits.first?.values.count == 3)
    }

    private func total(_ metrics: TestMetrics, _ label: String, _ wanted: [String: String]) -> Int64? {
        metrics.counters.first { $0.label == label && labels($0.dimensions) == wanted }?.totalValue
    }

    @Test("what was settled too late counts as a lost lease, and not as an end or a retry")
    func lost() async throws {
        let metrics = TestMetrics()
        let bench = try await DriverUnderTest.memory.make()
        for _ in 0..<3 { try await bench.enqueue() }
        let deliveries = try await bench.claim()
        let past = AttemptRecord(
            attempt: 1, worker: "w", startedAt: bench.clock.now, finishedAt: bench.clock.now, failure: nil)
        let settlements = deliveries.map { Settlement($0, .retry(after: .zero, past)) }
        let telemetry = withMetricsFactory(metrics) { WorkerTelemetry(tasks: []) }
        telemetry.settled(settlements, lost: Set(deliveries.prefix(2).map(\.id)))
        #expect(total(metrics, "taskqueue_lease_lost_total", [:]) == 2)
        #expect(total(metrics, "taskqueue_retries_total", ["task": "work"]) == 1)
        #expect(!metrics.counters.contains { $0.label == "taskqueue_tasks_total" })
    }
}
