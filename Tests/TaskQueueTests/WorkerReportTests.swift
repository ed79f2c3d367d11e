import Logging
import Synchronization
import TestSupport
import Testing

@testable import TaskQueue

@Suite("What a worker says of itself, and does when it is told", .timeLimit(.minutes(1)))
struct WorkerReportTests {
    @Test("names what runs, how full it is and what a task takes", arguments: DriverUnderTest.brokers)
    func report(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make(isReal: true)
        let (started, end) = (Signal(), Signal())
        let handler = Scripted { input, _ in
            guard input.text == "slow" else { return }
            started.fire()
            await end.wait()
        }
        var program = WorkerProgram()
        program.host = "pump-house"
        program.pid = 42
        program.version = "9.9"
        program.residentBytes = { 1 << 20 }
        let worker = makeWorker(bench, [handler], program: program) {
            $0.name = "reporter"
            $0.concurrency = 3
            $0.leaseDuration = .seconds(1)
        }
        try await worker.run {
            let quick = try await bench.client.enqueue(Scripted.self, .init(text: "quick"))
            _ = try await quick.result(timeout: .seconds(30))
            let slow = try await bench.client.enqueue(Scripted.self, .init(text: "slow"))
            await started.wait()
            let report = try await bench.report { $0.running == 1 }
            #expect(report.name == "reporter" && report.host == "pump-house" && report.version == "9.9")
            #expect(report.pid == 42 && report.residentBytes == 1 << 20)
            #expect(report.slots == 3 && report.held == 1 && report.waiting == 0 && !report.isDraining)
            #expect(report.tasks.map(\.id) == [slow.id] && report.tasks.map(\.task) == ["scripted"])
            #expect(report.serviceSeconds.keys.sorted() == ["default"])
            #expect(try await bench.broker.queues().first?.meanService != nil)
            end.fire()
            _ = try await slow.result(timeout: .seconds(30))
        }
    }

    @Test("the first service time of a queue is told at once", arguments: DriverUnderTest.brokers)
    func first(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make(isReal: true)
        // The next renewal is twenty minutes away.
        let worker = makeWorker(bench, [DoubleIt()]) { $0.leaseDuration = .seconds(3600) }
        try await worker.run {
            let receipt = try await bench.client.enqueue(DoubleIt.self, .init(number: 1))
            _ = try await receipt.result(timeout: .seconds(30))
            try await eventually("the time is known") { try await bench.broker.queues().first?.meanService != nil }
        }
    }

    @Test("names the longest running of very many, and no more than it may")
    func bounded() async throws {
        let bench = try await DriverUnderTest.memory.make(isReal: true)
        let (all, end) = (Signal(), Signal())
        let count = Mutex(0)
        let handler = Scripted { _, _ in
            if count.withLock({
                $0 += 1; return $0 == 40
            }) {
                all.fire()
            }
            await end.wait()
        }
        let worker = makeWorker(bench, [handler]) { $0.concurrency = 40 }
        try await worker.run {
            _ = try await bench.client.enqueue(Scripted.self, all: (0..<40).map { .init(text: "\($0)") })
            await all.wait()
            let report = worker.report()
            #expect(report.running == 40 && report.held == 40)
            #expect(report.tasks.count == WorkerReport.tasksMax)
            #expect(report.tasks.map(\.since) == report.tasks.map(\.since).sorted())
            end.fire()
        }
    }

    @Test("a worker takes the slots and the log level it is given", arguments: DriverUnderTest.brokers)
    func obeys(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make(isReal: true)
        let levels = AsyncStream.makeStream(of: Logger.Level.self)
        var program = WorkerProgram()
        program.setLogLevel = { levels.continuation.yield($0) }
        let worker = makeWorker(bench, [DoubleIt()], program: program) { $0.concurrency = 2 }
        try await worker.run {
            // So that the worker is known in a queue.
            let receipt = try await bench.client.enqueue(DoubleIt.self, .init(number: 1))
            _ = try await receipt.result(timeout: .seconds(30))
            #expect(try await bench.broker.send(.resize(slots: .max), to: [worker.id]) == [worker.id])
            #expect(try await bench.broker.send(.logLevel(.trace), to: [worker.id]) == [worker.id])
            var heard = levels.stream.makeAsyncIterator()
            #expect(await heard.next() == .trace)
            #expect(worker.health.slots == WorkerConfiguration.slotsMax)
        }
    }

    @Test("a worker that is told to drain ends what it runs and leaves", arguments: DriverUnderTest.brokers)
    func drains(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make(isReal: true)
        let (started, end) = (Signal(), Signal())
        let handler = Scripted { _, _ in
            started.fire()
            await end.wait()
        }
        let worker = makeWorker(bench, [handler])
        async let running: Void = worker.run()
        let receipt = try await bench.client.enqueue(Scripted.self, .init())
        await started.wait()
        #expect(try await bench.broker.send(.drain, to: [worker.id]) == [worker.id])
        try await eventually("the worker drains") { worker.health.isDraining }
        end.fire()
        await running
        #expect(try await receipt.status()?.state == .success)
        #expect(try await bench.broker.workers().isEmpty)
    }
}

extension Bench {
    /// The worker's next report of which something holds.
    fileprivate func report(where isSo: @escaping (WorkerReport) -> Bool) async throws -> WorkerReport {
        while true {
            if let report = try await broker.workers().first?.report, isSo(report) { return report }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
