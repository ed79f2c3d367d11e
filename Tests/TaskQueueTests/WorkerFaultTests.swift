import Synchronization
import TaskQueue
import TestSupport
import Testing

@Suite("A worker in a bad world", .timeLimit(.minutes(1)))
struct WorkerFaultTests {
    @Test("is not confused with another of the same name", arguments: DriverUnderTest.allCases)
    func sameName(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make(isReal: true)
        let client = bench.client
        let started = ["a": Signal(), "b": Signal()]
        // Neither ends before the other has begun, and each worker has one slot.
        let handler = Scripted { input, _ in
            started[input.text]?.fire()
            for signal in started.values { await signal.wait() }
        }
        let (first, second) = (oneSlot(bench, handler), oneSlot(bench, handler))
        #expect(first.id != second.id)
        try await second.run {
            try await first.run {
                var workers: Set<String?> = []
                for text in started.keys { _ = try await client.enqueue(Scripted.self, .init(text: text)) }
                for id in try await client.list(TaskFilter()).map(\.id) {
                    workers.insert(try await client.wait(for: id, atMost: .seconds(30)).worker)
                }
                #expect(workers == [first.id, second.id])
                #expect(try await Set(bench.broker.workers().map(\.worker)) == [first.id, second.id])
            }
            // One has left; the other is still known and at work.
            #expect(try await bench.broker.workers().map(\.worker) == [second.id])
            let receipt = try await client.enqueue(Scripted.self, .init())
            _ = try await receipt.result(timeout: .seconds(30))
            #expect(try await receipt.status()?.worker == second.id)
        }
    }

    private func oneSlot(_ bench: Bench, _ handler: Scripted) -> Worker {
        makeWorker(bench, [handler]) { configuration in
            configuration.name = "tank"
            configuration.concurrency = 1
        }
    }

    @Test(
        "runs a task once although the clock jumps while it runs", arguments: DriverUnderTest.allCases,
        [Duration.seconds(86_400), .seconds(-86_400)])
    func clockJumps(_ driver: DriverUnderTest, _ jump: Duration) async throws {
        let bench = try await driver.make()
        let (started, goOn) = (Signal(), Signal())
        let runs = Mutex<[String]>([])
        let handler = Scripted { input, context in
            runs.withLock { $0.append(input.text) }
            guard input.text == "long" else { return }
            started.fire()
            await goOn.wait()
        }
        try await makeWorker(bench, [handler], change: Self.steadyLease).run {
            let long = try await bench.client.enqueue(Scripted.self, .init(text: "long"))
            await started.wait()
            bench.clock.advance(by: jump)
            // An exchange after the jump renews the lease by the new time, as the next renewal would.
            let next = try await bench.client.enqueue(Scripted.self, .init(text: "next"))
            _ = try await next.result(timeout: .seconds(30))
            #expect(try await bench.broker.recover().reclaimed.isEmpty)
            goOn.fire()
            _ = try await long.result(timeout: .seconds(30))
            let record = try #require(try await long.status())
            #expect(record.attempt == 1 && record.history.isEmpty)
            let times = record.timeline.map(\.at)
            #expect(times.count == 3 && times == times.sorted())
        }
        #expect(runs.withLock { $0.sorted() } == ["long", "next"])
    }

    /// Renewed by exchanges alone, so that no timer comes between a jump and what a test does next.
    private static func steadyLease(_ configuration: inout WorkerConfiguration) {
        configuration.leaseDuration = .seconds(3600)
    }

    @Test(
        "that was taken for dead because the clock jumped changes nothing, and goes on",
        arguments: DriverUnderTest.allCases)
    func takenForDead(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        let (started, goOn) = (Signal(), Signal())
        let slow = Scripted { input, _ in
            guard input.text == "long" else { return }
            started.fire()
            await goOn.wait()
            throw GiveUp("too late")
        }
        // One slot, which the lost attempt keeps until it ends: only the heir can take the task.
        let late = makeWorker(bench, [slow]) { configuration in
            Self.steadyLease(&configuration)
            configuration.idleInterval = .seconds(3600)
            configuration.concurrency = 1
        }
        let heir = makeWorker(bench, [Scripted { _, _ in }], change: Self.steadyLease)
        try await late.run {
            let long = try await bench.client.enqueue(Scripted.self, .init(text: "long"))
            await started.wait()
            bench.clock.advance(by: .seconds(86_400))
            #expect(try await bench.broker.recover().reclaimed == [long.id])
            try await heir.run {
                _ = try await long.result(timeout: .seconds(30))
            }
            goOn.fire()
            let next = try await bench.client.enqueue(Scripted.self, .init(text: "next"))
            _ = try await next.result(timeout: .seconds(30))
            let record = try #require(try await long.status())
            #expect(record.state == .success && record.worker == heir.id && record.attempt == 1)
            #expect(record.history.map(\.failure?.reason) == [.leaseLost])
            #expect(record.history.map(\.worker) == [late.id])
        }
    }

    @Test("takes inputs up to the limit, and the client refuses larger ones", arguments: DriverUnderTest.allCases)
    func payloadLimit(_ driver: DriverUnderTest) async throws {
        let limit = 10_000_000
        let bench = try await driver.make(limits: BrokerLimits(payloadBytesMax: limit), isReal: true)
        let frame = #"{"text":""}"#.utf8.count
        let length = Mutex(0)
        let handler = Scripted { input, _ in length.withLock { $0 = input.text.utf8.count } }
        try await makeWorker(bench, [handler]).run {
            let full = Scripted.Input(text: String(repeating: "x", count: limit - frame))
            let receipt = try await bench.client.enqueue(Scripted.self, full)
            _ = try await receipt.result(timeout: .seconds(30))
            #expect(length.withLock { $0 } == limit - frame)

            let over = Scripted.Input(text: String(repeating: "x", count: limit - frame + 1))
            let refusal = await #expect(throws: EnqueueReceipt.Refusal.self) {
                try await bench.client.enqueue(Scripted.self, over)
            }
            #expect(refusal == .payloadTooLarge(bytes: limit + 1, limit: limit))
            #expect(
                refusal?.description == "the input is 10000001 bytes, over the limit of 10000000; "
                    + "pass a reference instead, or raise broker.payload_bytes_max")
            let known = try await bench.client.list(TaskFilter())
            #expect(known.map(\.id) == [receipt.id])
        }
    }

    @Test("the limit is 1 MiB unless it was raised", arguments: DriverUnderTest.allCases)
    func defaultLimit(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        let sizes = [1 << 20, 1 << 20 + 1, 10_000_000]
        let receipts = try await bench.client.enqueue(
            sizes.map { TaskMessage(task: "work", payload: [UInt8](repeating: 0x20, count: $0)) })
        #expect(receipts.map { $0.id == nil } == [false, true, true])
        #expect(receipts.last == .refused(.payloadTooLarge(bytes: 10_000_000, limit: 1 << 20)))
    }

    @Test("a number that JSON can't hold is refused before it is submitted", arguments: [Double.nan, .infinity])
    func badNumberIn(_ number: Double) async throws {
        let bench = try await DriverUnderTest.memory.make()
        let error = await #expect(throws: PayloadError.self) {
            try await bench.client.enqueue(Echo.self, .init(ratio: number))
        }
        #expect(error?.field == "ratio")
        #expect(try await bench.client.list(TaskFilter()).isEmpty)
    }

    @Test("a result that JSON can't hold fails at once with its field", arguments: DriverUnderTest.allCases)
    func badNumberOut(_ driver: DriverUnderTest) async throws {
        try await withWorker(driver, [Echo()]) { client in
            // One divided by it is infinite.
            let receipt = try await client.enqueue(Echo.self, .init(ratio: 0))
            let record = try await client.wait(for: receipt.id, atMost: .seconds(30))
            #expect(record.state == .failure && record.attempt == 1)
            #expect(record.failure?.reason == .failed)
            #expect(
                record.failure?.message.hasPrefix("the result can't be kept: field 'ratio' can't be written") == true)
        }
    }

    @Test("input that does not decode is told by its field, on every driver", arguments: DriverUnderTest.allCases)
    func badInput(_ driver: DriverUnderTest) async throws {
        try await withWorker(driver, [Echo()]) { client in
            let sentences = [
                "{}": "field 'ratio' is missing", #"{"ratio":"1"}"#: "field 'ratio' is not a number",
                #"{"ratio":1e999}"#: "field 'ratio' is a number out of range", "{": "the input is not valid JSON",
            ]
            for (json, sentence) in sentences {
                let message = TaskMessage(task: Echo.name, payload: Array(json.utf8))
                _ = try await client.enqueue([message])
                let record = try await client.wait(for: message.id, atMost: .seconds(30))
                #expect(record.failure == TaskFailure(.quarantined, sentence, type: "PayloadError"))
                #expect(record.attempt == 1)
            }
        }
    }
}

/// Answers one divided by what it is given.
private struct Echo: TaskHandler {
    struct Ratio: Codable, Sendable { var ratio: Double }
    static let name = "echo"
    func run(_ input: Ratio, _ context: TaskContext) async throws -> Ratio { Ratio(ratio: 1 / input.ratio) }
}
