import Synchronization
import TaskQueue
import TestSupport
import Testing

@Suite("A worker", .timeLimit(.minutes(1)))
struct WorkerTests {
    @Test("runs a typed task and gives its result back", arguments: DriverUnderTest.allCases)
    func result(_ driver: DriverUnderTest) async throws {
        try await withWorker(driver, [DoubleIt()]) { client in
            let receipt = try await client.enqueue(DoubleIt.self, .init(number: 21))
            #expect(try await receipt.result(timeout: .seconds(20)) == 42)
            let record = try #require(try await receipt.status())
            #expect(record.state == .success)
            #expect(record.timeline.map(\.event.name) == ["enqueued", "started", "SUCCESS"])
        }
    }

    @Test("tries a failing task again and remembers why", arguments: DriverUnderTest.allCases)
    func retries(_ driver: DriverUnderTest) async throws {
        let handler = Scripted { _, context in if context.attempt < 3 { throw Oops() } }
        try await withWorker(driver, [handler]) { client in
            let receipt = try await client.enqueue(Scripted.self, .init())
            _ = try await receipt.result(timeout: .seconds(20))
            let record = try #require(try await receipt.status())
            #expect(record.attempt == 3)
            #expect(record.history.map(\.failure?.message) == ["oops", "oops"])
        }
    }

    @Test("ends a task in FAILURE when attempts run out, and keeps its letter", arguments: DriverUnderTest.allCases)
    func exhausted(_ driver: DriverUnderTest) async throws {
        let handler = Scripted { _, _ in throw Oops() }
        try await withWorker(driver, [handler]) { client in
            var options = TaskOptions()
            options.maxRetries = 1
            let receipt = try await client.enqueue(Scripted.self, .init(), options)
            await #expect(throws: TaskFailure(.failed, "oops", type: "Oops")) {
                try await receipt.result(timeout: .seconds(20))
            }
            #expect(try await receipt.status()?.attempt == 2)
        }
    }

    @Test("does not try again what gave up, and runs again what snoozed", arguments: DriverUnderTest.allCases)
    func decisions(_ driver: DriverUnderTest) async throws {
        let handler = Scripted { input, context in
            if input.text == "give up" { throw GiveUp("no use") }
            if context.fence == 1 { throw Snooze(for: .milliseconds(1)) }
        }
        try await withWorker(driver, [handler]) { client in
            let lost = try await client.enqueue(Scripted.self, .init(text: "give up"))
            await #expect(throws: TaskFailure(.failed, "no use", type: "GiveUp")) {
                try await lost.result(timeout: .seconds(20))
            }
            let late = try await client.enqueue(Scripted.self, .init(text: "snooze"))
            _ = try await late.result(timeout: .seconds(20))
            #expect(try await late.status()?.attempt == 1)
            #expect(try await late.status()?.fence == 2)
        }
    }

    @Test("quarantines input that does not decode, naming the field", arguments: DriverUnderTest.allCases)
    func badInput(_ driver: DriverUnderTest) async throws {
        try await withWorker(driver, [DoubleIt()]) { client in
            let message = TaskMessage(task: DoubleIt.name, payload: Array("{\"number\":\"x\"}".utf8))
            _ = try await client.enqueue([message])
            let record = try await client.wait(for: message.id, atMost: .seconds(20))
            #expect(record.state == .failure)
            #expect(record.failure?.reason == .quarantined)
            #expect(record.failure?.message == "field 'number' is not a whole number")
        }
    }

    @Test("cancels a running task with its cause", arguments: DriverUnderTest.allCases)
    func cancel(_ driver: DriverUnderTest) async throws {
        let started = Signal()
        let handler = Scripted { _, _ in
            started.fire()
            try await Task.sleep(for: .seconds(600))
        }
        try await withWorker(driver, [handler]) { client in
            let receipt = try await client.enqueue(Scripted.self, .init())
            await started.wait()
            #expect(try await receipt.cancel())
            let record = try await client.wait(for: receipt.id, atMost: .seconds(20))
            #expect(record.state == .revoked)
            #expect(record.failure?.reason == .cancelled)
        }
    }

    @Test("stops an attempt at its time limit, and abandons one that does not stop")
    func timeLimits() async throws {
        let release = Signal()
        let handler = Scripted { input, _ in
            if input.text == "stubborn" { await release.wait() } else { try await Task.sleep(for: .seconds(600)) }
        }
        try await withWorker(.memory, [handler]) { client in
            var options = TaskOptions()
            options.maxRetries = 0
            options.timeLimit = .milliseconds(50)
            for text in ["polite", "stubborn"] {
                let receipt = try await client.enqueue(Scripted.self, .init(text: text), options)
                let record = try await client.wait(for: receipt.id, atMost: .seconds(20))
                #expect(record.failure?.reason == .timedOut)
            }
            release.fire()
        }
    }

    @Test(
        "hands unfinished tasks back when it is told to stop, the attempt refunded", arguments: DriverUnderTest.allCases
    )
    func drain(_ driver: DriverUnderTest) async throws {
        let started = Signal()
        let handler = Scripted { _, _ in
            started.fire()
            try await Task.sleep(for: .seconds(600))
        }
        let bench = try await driver.make()
        let client = TaskClient(broker: bench.broker, results: bench.results)
        let worker = makeWorker(bench, [handler])
        async let running: Void = worker.run()
        let receipt = try await client.enqueue(Scripted.self, .init())
        await started.wait()
        worker.handBackNow()
        await running
        #expect(try await receipt.status()?.state == .pending)
        #expect(try await receipt.status()?.attempt == 0)
        #expect(try await bench.broker.workers().isEmpty)
    }

    @Test("leaves tasks that it does not know", arguments: DriverUnderTest.allCases)
    func unknownTask(_ driver: DriverUnderTest) async throws {
        try await withWorker(driver, [DoubleIt()]) { client in
            let stranger = TaskMessage(task: "of_a_newer_version")
            _ = try await client.enqueue([stranger])
            _ = try await client.enqueue(DoubleIt.self, .init(number: 1)).result(timeout: .seconds(20))
            #expect(try await client.status(stranger.id)?.state == .pending)
        }
    }

    @Test("shows progress to those who wait", arguments: DriverUnderTest.allCases)
    func progress(_ driver: DriverUnderTest) async throws {
        let seen = Signal()
        let handler = Scripted { _, context in
            context.report(0.5, "half", eta: .seconds(3))
            await seen.wait()
        }
        try await withWorker(driver, [handler]) { client in
            let receipt = try await client.enqueue(Scripted.self, .init())
            let last = try await client.wait(for: receipt.id, atMost: .seconds(20)) { record in
                if record.progress == TaskProgress(0.5, "half", eta: .seconds(3)) { seen.fire() }
            }
            #expect(last.state == .success)
        }
    }

    @Test("runs a batch at once and settles each of it apart", arguments: DriverUnderTest.allCases)
    func batch(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        let client = TaskClient(broker: bench.broker, results: bench.results)
        let messages = [1, 2, 13, 4].map {
            TaskMessage(task: Halve.name, payload: Array("{\"number\":\($0)}".utf8))
        }
        _ = try await client.enqueue(messages + [TaskMessage(task: Halve.name, payload: Array("{}".utf8))])
        let handler = Halve()
        var registry = TaskRegistry()
        registry.register(batch: handler)
        try await worker(bench, registry).run {
            for (message, state) in zip(messages, [TaskState.success, .success, .failure, .success]) {
                let record = try await client.wait(for: message.id, atMost: .seconds(20))
                #expect(record.state == state)
            }
        }
        let first = handler.sizes.withLock { $0.first }
        #expect(first == 4)
    }

    @Test("a batch handler may be registered with another size and policy")
    func batchSettings() throws {
        var registry = TaskRegistry()
        let policy = TaskPolicy(queue: "ml", softTimeLimit: .seconds(5))
        registry.register(batch: Halve(), policy: policy, batchSizeMax: 3)
        let task = try #require(registry[Halve.name])
        #expect(task.policy == policy && task.batchSizeMax == 3)
        registry.register(batch: Halve(), batchSizeMax: 0)
        #expect(registry[Halve.name]?.policy == Halve.policy && registry[Halve.name]?.batchSizeMax == 1)
    }

    @Test("every middleware wraps submissions and attempts, the first outermost")
    func middleware() async throws {
        let bench = try await DriverUnderTest.memory.make()
        let trail = Trail()
        let layers: [any TaskMiddleware] = [Layer(name: "a", trail: trail), Layer(name: "b", trail: trail)]
        let client = TaskClient(broker: bench.broker, results: bench.results, middleware: layers)
        var registry = TaskRegistry()
        registry.register(DoubleIt())
        let worker = Worker(
            broker: bench.broker, results: bench.results, registry: registry, configuration: WorkerConfiguration(),
            middleware: layers, logger: quiet)
        try await worker.run {
            let receipt = try await client.enqueue(DoubleIt.self, .init(number: 1))
            _ = try await receipt.result(timeout: .seconds(20))
            #expect(try await receipt.status()?.state == .success)
        }
        #expect(trail.steps == ["enqueue a", "enqueue b", "run a", "run b", "ran b", "ran a"])
    }
}
