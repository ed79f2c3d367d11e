import TaskQueue
import TestSupport
import Testing

@Suite("Every broker keeps its word about time and leases", .timeLimit(.minutes(1)))
struct BrokerTimeContract {
    @Test("a delayed task is delivered when it falls due and not before", arguments: DriverUnderTest.allCases)
    func delayed(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        let due = bench.clock.now + .seconds(60)
        let id = try await bench.enqueue { $0.notBefore = .after(.seconds(60)) }
        let exchange = try await bench.broker.exchange(
            [], claiming: Claim(count: 1, tasks: ["work"]), as: bench.worker)
        #expect(exchange.deliveries.isEmpty)
        #expect(exchange.nextDue == due)
        bench.clock.advance(by: .seconds(60))
        #expect(try await bench.claim().map(\.id) == [id])
    }

    @Test("a task that expired while it waited is delivered as expired", arguments: DriverUnderTest.allCases)
    func expired(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        try await bench.enqueue { $0.expires = .after(.seconds(5)) }
        bench.clock.advance(by: .seconds(6))
        let delivery = try #require(try await bench.claim().first)
        #expect(delivery.isExpired)
    }

    @Test("a retry spends the attempt, is remembered, and waits", arguments: DriverUnderTest.allCases)
    func retry(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        let id = try await bench.enqueue()
        let delivery = try #require(try await bench.claim().first)
        let past = AttemptRecord(
            attempt: 1, worker: "w", startedAt: bench.clock.now, finishedAt: bench.clock.now,
            failure: TaskFailure(.failed, "once"))
        #expect(try await bench.settle(delivery, .retry(after: .seconds(5), past)))
        #expect(try await bench.state(of: id) == .retry)
        #expect(try await bench.claim().isEmpty)
        bench.clock.advance(by: .seconds(5))
        let again = try #require(try await bench.claim().first)
        #expect(again.attempt == 2)
        #expect(again.fence == 2)
        #expect(again.history == [past])
    }

    @Test("a retry without delay runs at once", arguments: DriverUnderTest.allCases)
    func retryNow(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        try await bench.enqueue()
        let delivery = try #require(try await bench.claim().first)
        let past = AttemptRecord(
            attempt: 1, worker: "w", startedAt: bench.clock.now, finishedAt: bench.clock.now, failure: nil)
        #expect(try await bench.settle(delivery, .retry(after: .zero, past)))
        #expect(try await bench.claim().first?.attempt == 2)
    }

    @Test("snoozing refunds the attempt", arguments: DriverUnderTest.allCases)
    func snooze(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        let id = try await bench.enqueue()
        let delivery = try #require(try await bench.claim().first)
        #expect(try await bench.settle(delivery, .snooze(.seconds(5))))
        #expect(try await bench.state(of: id) == .pending)
        #expect(try await bench.claim().isEmpty)
        bench.clock.advance(by: .seconds(5))
        let again = try #require(try await bench.claim().first)
        #expect(again.attempt == 1)
        #expect(again.fence == 2)
    }

    @Test("a hand-back refunds the attempt and keeps the task's turn", arguments: DriverUnderTest.allCases)
    func handBack(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        let id = try await bench.enqueue()
        let later = try await bench.enqueue()
        let delivery = try #require(try await bench.claim(1).first)
        #expect(try await bench.settle(delivery, .handBack))
        let again = try await bench.claim()
        #expect(again.map(\.id) == [id, later])
        #expect(again.map(\.attempt) == [1, 1])
        #expect(again.first?.fence == 2)
    }

    @Test(
        "a lapsed lease gives its tasks to others, and the late owner can settle nothing",
        arguments: DriverUnderTest.allCases)
    func lapsed(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        let id = try await bench.enqueue()
        let late = try #require(try await bench.claim().first)
        bench.clock.advance(by: .seconds(9))
        #expect(try await bench.broker.recover().reclaimed.isEmpty)
        bench.clock.advance(by: .seconds(1))
        let recovery = try await bench.broker.recover()
        #expect(recovery.reclaimed == [id])
        #expect(recovery.deadWorkers == [bench.worker.worker])
        #expect(try await bench.finish(late) == false || driver == .memory)
        let again = try #require(try await bench.claim(as: bench.other).first)
        #expect(again.deaths == 1)
        #expect(again.attempt == 1)
        #expect(again.fence == 2)
        #expect(again.history.first?.failure?.reason == .leaseLost)
        #expect(try await bench.settle(late, .handBack) == false)
    }

    @Test("a clock set back hides a dead worker for no longer than a lease", arguments: DriverUnderTest.allCases)
    func clockSetBack(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        let id = try await bench.enqueue()
        try await bench.enqueue()
        _ = try await bench.claim(1)
        _ = try await bench.claim(1, as: bench.other)
        #expect(try await bench.broker.recover().isEmpty)
        bench.clock.advance(by: .seconds(-86_400))
        _ = try await bench.broker.renew(bench.other, progress: [:])
        #expect(try await bench.broker.recover().isEmpty)
        bench.clock.advance(by: .seconds(9))
        _ = try await bench.broker.renew(bench.other, progress: [:])
        #expect(try await bench.broker.recover().isEmpty)
        bench.clock.advance(by: .seconds(1))
        let recovery = try await bench.broker.recover()
        #expect(recovery.deadWorkers == [bench.worker.worker])
        #expect(recovery.reclaimed == [id])
    }

    @Test("renewing keeps a lease for as long as it goes on", arguments: DriverUnderTest.allCases)
    func renewed(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        try await bench.enqueue()
        let delivery = try #require(try await bench.claim().first)
        for _ in 0..<10 {
            bench.clock.advance(by: .seconds(6))
            #expect(try await bench.broker.renew(bench.worker, progress: [:]).isEmpty)
            #expect(try await bench.broker.recover().reclaimed.isEmpty)
        }
        #expect(try await bench.finish(delivery))
    }

    @Test("a worker that was taken for dead is told so", arguments: DriverUnderTest.allCases)
    func toldOfLoss(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        try await bench.enqueue()
        _ = try await bench.claim()
        bench.clock.advance(by: .seconds(11))
        _ = try await bench.broker.recover()
        #expect(try await bench.broker.renew(bench.worker, progress: [:]) == [.leaseLost])
    }

    @Test("a leaving worker's tasks go back at once, refunded", arguments: DriverUnderTest.allCases)
    func release(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        let id = try await bench.enqueue()
        _ = try await bench.claim()
        try await bench.broker.release(bench.worker)
        #expect(try await bench.broker.workers().isEmpty)
        let again = try #require(try await bench.claim(as: bench.other).first)
        #expect(again.id == id)
        #expect(again.attempt == 1)
        #expect(again.deaths == 0)
    }

    @Test("a task that keeps killing workers is handed out alone", arguments: DriverUnderTest.allCases)
    func suspects(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        for _ in 0..<3 { try await bench.enqueue() }
        for _ in 0..<2 {
            #expect(try await bench.claim().count == 3)
            bench.clock.advance(by: .seconds(11))
            _ = try await bench.broker.recover()
        }
        let innocent = try await bench.enqueue()
        let claimed = try await bench.claim()
        #expect(claimed.count == 2)
        #expect(claimed.filter { $0.deaths >= 2 }.count == 1)
        #expect(claimed.contains { $0.id == innocent })
        #expect(try await bench.claim().isEmpty)
        #expect(try await bench.claim(as: bench.other).count == 1)
    }

    @Test("progress is seen while the task runs", arguments: DriverUnderTest.allCases)
    func progress(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        let id = try await bench.enqueue()
        _ = try await bench.claim()
        _ = try await bench.broker.renew(bench.worker, progress: [id: TaskProgress(0.5, "half")])
        _ = try await bench.broker.renew(bench.other, progress: [id: TaskProgress(0.9)])
        #expect(try await bench.broker.fetch([id])[id]?.progress == TaskProgress(0.5, "half"))
    }
}
