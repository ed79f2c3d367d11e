import TaskQueue
import TestSupport
import Testing

@Suite("Every broker keeps the contract", .timeLimit(.minutes(1)))
struct BrokerContract {
    @Test("an accepted task is pending and is delivered once", arguments: DriverUnderTest.allCases)
    func deliveredOnce(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        let id = try await bench.enqueue()
        #expect(try await bench.state(of: id) == .pending)
        let deliveries = try await bench.claim()
        #expect(deliveries.map(\.id) == [id])
        #expect(deliveries.first?.attempt == 1)
        #expect(deliveries.first?.fence == 1)
        #expect(try await bench.state(of: id) == .processing)
        #expect(try await bench.claim(as: bench.other).isEmpty)
    }

    @Test("an id never seen is unknown", arguments: DriverUnderTest.allCases)
    func unknownID(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        #expect(try await bench.state(of: TaskID()) == nil)
    }

    @Test(
        "a settled task is final in the state it was given",
        arguments: DriverUnderTest.allCases, [TaskState.success, .failure, .revoked])
    func finalState(_ driver: DriverUnderTest, _ state: TaskState) async throws {
        let bench = try await driver.make()
        let id = try await bench.enqueue()
        let delivery = try #require(try await bench.claim().first)
        #expect(try await bench.finish(delivery, state))
        #expect(try await bench.state(of: id) == state)
        #expect(try await bench.claim().isEmpty)
    }

    @Test("a delivery is settled once and only once", arguments: DriverUnderTest.allCases)
    func settledOnce(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        let id = try await bench.enqueue()
        let delivery = try #require(try await bench.claim().first)
        #expect(try await bench.finish(delivery))
        #expect(try await bench.settle(delivery, .handBack) == false)
        #expect(try await bench.settle(delivery, .snooze(.seconds(1))) == false)
        #expect(try await bench.state(of: id) == .success)
    }

    @Test("a worker can't settle what another holds", arguments: DriverUnderTest.allCases)
    func settledByOwner(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        let id = try await bench.enqueue()
        let delivery = try #require(try await bench.claim().first)
        #expect(try await bench.settle(delivery, .handBack, as: bench.other) == false)
        #expect(try await bench.state(of: id) == .processing)
    }

    @Test("one exchange settles and claims", arguments: DriverUnderTest.allCases)
    func settleAndClaim(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        try await bench.enqueue()
        let second = try await bench.enqueue()
        let delivery = try #require(try await bench.claim(1).first)
        let record = TaskRecord(settling: delivery, as: .success, at: bench.clock.now, worker: "w")
        let exchange = try await bench.broker.exchange(
            [Settlement(delivery, .finish(record))], claiming: Claim(count: 1, tasks: ["work"]), as: bench.worker)
        #expect(exchange.lost.isEmpty)
        #expect(exchange.deliveries.map(\.id) == [second])
        #expect(exchange.now == bench.clock.now)
    }

    @Test("a claim takes no more than it asked for", arguments: DriverUnderTest.allCases)
    func claimSize(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        for _ in 0..<5 { try await bench.enqueue() }
        #expect(try await bench.claim(2).count == 2)
        #expect(try await bench.claim(0).isEmpty)
        #expect(try await bench.claim(9).count == 3)
    }

    @Test("the most urgent come first, then the oldest, across tasks and queues", arguments: DriverUnderTest.allCases)
    func order(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        let low = try await bench.enqueue(priority: 1)
        let first = try await bench.enqueue("other", queue: "b")
        let second = try await bench.enqueue()
        let urgent = try await bench.enqueue("other", priority: 9)
        let claimed = try await bench.claim(tasks: ["work", "other"])
        #expect(claimed.map(\.id) == [urgent, first, second, low])
    }

    @Test("only the queues and tasks asked for are given", arguments: DriverUnderTest.allCases)
    func filters(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        let unknown = try await bench.enqueue("not_known_here")
        let elsewhere = try await bench.enqueue(queue: "b")
        let here = try await bench.enqueue()
        #expect(try await bench.claim(queues: ["default"]).map(\.id) == [here])
        #expect(try await bench.claim(queues: ["b"]).map(\.id) == [elsewhere])
        #expect(try await bench.state(of: unknown) == .pending)
        #expect(try await bench.claim(tasks: ["not_known_here"]).map(\.id) == [unknown])
    }

    @Test("everything about a message survives the broker", arguments: DriverUnderTest.allCases)
    func messageSurvives(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        var sent: TaskMessage?
        try await bench.enqueue(priority: 7) {
            $0.payload = Array("{\"text\":\"\u{0}ü\"}".utf8)
            $0.headers = ["traceparent": "00-abc", "tenant": "t1"]
            $0.maxRetries = 2
            $0.timeLimit = .seconds(30)
            $0.expires = .after(.seconds(60))
            $0.uniqueKey = "key"
            $0.deathLimit = 3
            $0.resultRetention = .seconds(5)
            $0.unknownFields = [0xFA, 0x7F, 1, 9]
            sent = $0
        }
        let delivery = try #require(try await bench.claim().first)
        #expect(delivery.message == sent && delivery.damage == nil)
        #expect(delivery.enqueuedAt == bench.clock.now)
    }

    @Test("a paused queue is passed over until it is resumed", arguments: DriverUnderTest.allCases)
    func pause(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        let id = try await bench.enqueue()
        try await bench.broker.setPaused(true, queue: "default")
        #expect(try await bench.claim().isEmpty)
        #expect(try await bench.broker.queues().first?.isPaused == true)
        try await bench.broker.setPaused(false, queue: "default")
        #expect(try await bench.claim().map(\.id) == [id])
    }

    @Test("queues report what they hold", arguments: DriverUnderTest.allCases)
    func queueStatus(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        try await bench.enqueue()
        _ = try await bench.claim()
        try await bench.enqueue()
        try await bench.enqueue { $0.notBefore = .after(.seconds(60)) }
        bench.clock.advance(by: .seconds(3))
        let status = try #require(try await bench.broker.queues().first)
        #expect(status.ready == 1)
        #expect(status.scheduled == 1)
        #expect(status.processing == 1)
        #expect(status.oldestAge == .seconds(3))
        let workers = try await bench.broker.workers()
        #expect(workers.map(\.worker) == [bench.worker.worker])
        #expect(workers.first?.holding == 1)
    }

    @Test("a purge removes what waits and leaves what runs", arguments: DriverUnderTest.allCases)
    func purge(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        let running = try await bench.enqueue()
        let delivery = try #require(try await bench.claim().first)
        let waiting = try await bench.enqueue()
        try await bench.enqueue { $0.notBefore = .after(.seconds(60)) }
        let elsewhere = try await bench.enqueue(queue: "b")
        #expect(try await bench.broker.purge("default") == 2)
        #expect(try await bench.state(of: waiting) == nil)
        #expect(try await bench.state(of: elsewhere) == .pending)
        #expect(try await bench.finish(delivery))
        #expect(try await bench.state(of: running) == .success)
    }

    @Test("listing shows live tasks newest first, page by page", arguments: DriverUnderTest.allCases)
    func list(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        var ids: [TaskID] = []
        for _ in 0..<5 { ids.append(try await bench.enqueue()) }
        _ = try await bench.claim(2)
        var filter = TaskFilter(limit: 2)
        filter.state = .pending
        let page = try await bench.broker.list(filter)
        #expect(page.map(\.id) == [ids[4], ids[3]])
        filter.before = page.last?.id
        #expect(try await bench.broker.list(filter).map(\.id) == [ids[2]])
        filter = TaskFilter()
        filter.state = .processing
        #expect(try await bench.broker.list(filter).count == 2)
    }
}
