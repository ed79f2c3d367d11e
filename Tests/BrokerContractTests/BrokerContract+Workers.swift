import Logging
import TaskQueue
import TestSupport
import Testing

@Suite("Every broker knows its workers", .timeLimit(.minutes(1)))
struct BrokerWorkersContract {
    @Test(
        "a worker's report is shown until the worker says something else or leaves", arguments: DriverUnderTest.brokers)
    func report(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        let delivery = try await bench.holdOne()
        #expect(try await bench.broker.workers().map(\.report) == [nil])
        var report = Self.report(at: bench.clock.now)
        report.tasks = [.init(id: delivery.id, task: "work", queue: "default", since: bench.clock.now)]
        _ = try await bench.broker.renew(bench.worker, progress: [:], report: report)
        let worker = try #require(try await bench.broker.workers().first)
        #expect(worker.holding == 1 && worker.report == report)

        // News of progress and exchanges leave it as it is.
        _ = try await bench.broker.renew(bench.worker, progress: [delivery.id: TaskProgress(0.5)])
        _ = try await bench.claim()
        #expect(try await bench.broker.workers().first?.report == report)

        report.slots = 5
        _ = try await bench.broker.renew(bench.worker, progress: [:], report: report)
        #expect(try await bench.broker.workers().first?.report?.slots == 5)

        try await bench.broker.release(bench.worker)
        #expect(try await bench.broker.workers().isEmpty)
        _ = try await bench.holdOne()
        #expect(try await bench.broker.workers().map(\.report) == [nil])
    }

    @Test("a dead worker's report and orders are gone with it", arguments: DriverUnderTest.brokers)
    func dead(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        _ = try await bench.holdOne()
        _ = try await bench.broker.renew(bench.worker, progress: [:], report: Self.report(at: bench.clock.now))
        #expect(try await bench.broker.send(.drain, to: [bench.worker.worker]) == [bench.worker.worker])
        bench.clock.advance(by: .seconds(11))
        #expect(try await bench.broker.recover().deadWorkers == [bench.worker.worker])
        // It was only stopped for a while, and comes back.
        let directives = try await bench.broker.renew(bench.worker, progress: [:])
        #expect(!directives.contains(.obey(.drain)))
        _ = try await bench.claim()
        #expect(try await bench.broker.workers().map(\.report) == [nil])
    }

    @Test("what a task takes is kept with its queue when the worker is gone", arguments: DriverUnderTest.brokers)
    func service(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        _ = try await bench.holdOne()
        #expect(try await bench.broker.queues().map(\.meanService) == [nil])
        var report = Self.report(at: bench.clock.now)
        report.serviceSeconds = ["default": 0.25, "elsewhere": 3]
        report.timedQueues = ["default"]
        _ = try await bench.broker.renew(bench.worker, progress: [:], report: report)
        try await bench.broker.release(bench.worker)
        #expect(try await bench.broker.queues().map(\.meanService) == [.milliseconds(250)])
    }

    @Test("a worker that timed nothing lately does not speak for the queue", arguments: DriverUnderTest.brokers)
    func staleService(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        _ = try await bench.holdOne()
        _ = try await bench.claim(as: bench.other)
        _ = try await bench.broker.renew(bench.other, progress: [:])
        var report = Self.report(at: bench.clock.now)
        report.serviceSeconds = ["default": 2]
        report.timedQueues = ["default"]
        _ = try await bench.broker.renew(bench.worker, progress: [:], report: report)
        report.serviceSeconds = ["default": 9]
        report.timedQueues = []
        _ = try await bench.broker.renew(bench.other, progress: [:], report: report)
        #expect(try await bench.broker.queues().first?.meanService == .seconds(2))
    }

    @Test("orders come in their order, once, to those they are for", arguments: DriverUnderTest.brokers)
    func orders(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        _ = try await bench.holdOne()
        _ = try await bench.claim(as: bench.other)
        _ = try await bench.broker.renew(bench.other, progress: [:])
        let both: Set = [bench.worker.worker, bench.other.worker, "nobody"]
        #expect(try await bench.broker.send(.resize(slots: 3), to: both) == ["worker-a", "worker-b"])
        #expect(try await bench.broker.send(.logLevel(.debug), to: ["worker-a"]) == ["worker-a"])
        #expect(try await bench.broker.send(.drain, to: ["nobody"]).isEmpty)
        let first = try await bench.broker.renew(bench.worker, progress: [:])
        #expect(first == [.obey(.resize(slots: 3)), .obey(.logLevel(.debug))])
        #expect(try await bench.broker.renew(bench.worker, progress: [:]).isEmpty)
        #expect(try await bench.broker.renew(bench.other, progress: [:]) == [.obey(.resize(slots: 3))])
    }

    @Test("an order rings, and the exchange that follows brings it", arguments: DriverUnderTest.brokers)
    func rings(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        _ = try await bench.holdOne()
        let bell = Signal()
        let subscription = bench.broker.onWork { bell.fire() }
        defer { subscription.end() }
        var directives: [Directive] = []
        // Over Redis the subscription comes into force some time after it was asked for, and rings then too.
        repeat {
            #expect(try await bench.broker.send(.drain, to: ["worker-a"]) == ["worker-a"])
            await bell.wait()
            directives = try await bench.broker.exchange([], claiming: nil, as: bench.worker).directives
        } while directives.isEmpty
        #expect(directives.allSatisfy { $0 == .obey(.drain) })
    }

    @Test("cancelling for somebody else takes nobody's orders", arguments: DriverUnderTest.brokers)
    func cancelling(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        let delivery = try await bench.holdOne()
        _ = try await bench.broker.send(.drain, to: ["worker-a"])
        _ = try await bench.broker.cancel([delivery.id], as: bench.worker)
        #expect(try await bench.broker.renew(bench.worker, progress: [:]).contains(.obey(.drain)))
    }

    private static func report(at now: Timestamp) -> WorkerReport {
        var report = WorkerReport(startedAt: now, reportedAt: now)
        report.name = "worker"
        report.host = "pump-house"
        report.pid = 4711
        report.version = "1.2.3"
        report.queues = ["default"]
        (report.slots, report.running, report.held, report.waiting) = (4, 1, 1, 0)
        report.residentBytes = 50 << 20
        return report
    }
}

extension Bench {
    /// Enqueues a task and claims it, so that the worker has a lease.
    fileprivate func holdOne() async throws -> Delivery {
        try await enqueue()
        return try #require(try await claim().first)
    }
}
