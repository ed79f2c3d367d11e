import Blocking
import TaskQueue
import TestSupport
import Testing

@testable import Monitoring

@Suite("Queue gauges", .timeLimit(.minutes(1)))
struct BrokerGaugesTests {
    private let thread = BlockingPool(label: "test", threads: 1)

    @Test("are what the store holds", arguments: DriverUnderTest.allCases)
    func depth(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        for _ in 0..<3 { try await bench.enqueue() }
        try await bench.enqueue(queue: "later") { $0.notBefore = .after(.seconds(60)) }
        _ = try await bench.claim(1)
        bench.clock.advance(by: .seconds(7))
        var report = WorkerReport(startedAt: .now, reportedAt: .now)
        report.serviceSeconds = ["default": 0.25]
        report.timedQueues = ["default"]
        report.waiting = 3
        _ = try await bench.broker.renew(bench.worker, progress: [:], report: report)
        let gauges = BrokerGauges(bench.broker, on: thread, clock: bench.clock.clock) { queues, workers in
            10 * queues.count + workers.count
        }
        let lines = await MetricsPage([gauges]).text().split(separator: "\n")
        for line in [
            "taskqueue_broker_up 1", #"taskqueue_queue_depth{queue="default",state="ready"} 2"#,
            #"taskqueue_queue_depth{queue="default",state="processing"} 1"#,
            #"taskqueue_queue_depth{queue="later",state="scheduled"} 1"#,
            #"taskqueue_queue_oldest_age_seconds{queue="default"} 7"#,
            #"taskqueue_queue_oldest_age_seconds{queue="later"} 0"#,
            #"taskqueue_queue_service_seconds{queue="default"} 0.25"#, "taskqueue_desired_workers 21",
            "taskqueue_claims_waiting 3",
            #"taskqueue_workers{state="busy"} 1"#, #"taskqueue_workers{state="idle"} 0"#,
        ] {
            #expect(lines.contains { $0 == line }, "\(line)")
        }
    }

    @Test(
        "forget a worker whose lease has lapsed, though nobody swept up after it", arguments: DriverUnderTest.allCases)
    func lapsed(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        try await bench.enqueue()
        _ = try await bench.claim(1)
        bench.clock.advance(by: .seconds(60))
        let page = await MetricsPage([BrokerGauges(bench.broker, on: thread, clock: bench.clock.clock)]).text()
        #expect(page.contains(#"taskqueue_workers{state="busy"} 0"#))
    }

    @Test("are left out while the broker can't be reached, and the page says so")
    func unreachable() async throws {
        let server = try await RedisServer.start()
        let gauges = try BrokerGauges(server.broker(), on: thread)
        #expect(await MetricsPage([gauges]).text().contains("taskqueue_broker_up 1\n"))
        await server.kill()
        // A reading serves for a second.
        try await eventually("the page says that the broker is down") {
            await MetricsPage([gauges]).text().contains("taskqueue_broker_up 0\n")
        }
        #expect(await !MetricsPage([gauges]).text().contains("taskqueue_queue_depth"))
    }

    @Test("a broker that does not answer holds up no scrape for ever")
    func silent() async throws {
        let server = try await RedisServer.start()
        server.pause()
        defer { server.resume() }
        let gauges = try BrokerGauges(server.broker(), on: thread)
        let pages = await withTaskGroup { group in
            for _ in 0..<8 { group.addTask { await MetricsPage([gauges]).text() } }
            return await group.reduce(into: [String]()) { $0.append($1) }
        }
        #expect(pages.allSatisfy { $0.hasSuffix("taskqueue_broker_up 0\n") } && pages.count == 8)
    }
}
