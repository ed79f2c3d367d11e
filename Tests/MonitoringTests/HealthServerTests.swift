import Blocking
import Foundation
import Logging
import ServiceLifecycle
import Synchronization
import TaskQueue
import TestSupport
import Testing

@testable import Monitoring

@Suite("The health server", .timeLimit(.minutes(1)))
struct HealthServerTests {
    /// Runs a worker with one handler and a server beside it.
    private static func serving(
        _ handler: Scripted, _ body: (Bench, Worker, Probe) async throws -> Void
    ) async throws {
        let bench = try await DriverUnderTest.memory.make(isReal: true)
        var registry = TaskRegistry()
        registry.register(handler)
        var configuration = WorkerConfiguration()
        configuration.concurrency = 64
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let worker = Worker(
            broker: bench.broker, results: bench.results, registry: registry, configuration: configuration,
            logger: logger)
        let thread = BlockingPool(label: "test", threads: 1)
        let port = try FreePort.next()
        let address = try #require(ListenAddress("127.0.0.1:\(port)"))
        let page = MetricsPage([WorkerGauges(worker), BrokerGauges(bench.broker, on: thread)])
        let server = HealthServer(address, of: worker, metrics: page, on: thread, logger: logger)
        let group = ServiceGroup(configuration: .init(services: [server], logger: logger))
        async let running: Void = group.run()
        await server.waitUntilListening()
        try await worker.run { try await body(bench, worker, Probe(port: port)) }
        await group.triggerGracefulShutdown()
        try await running
    }

    @Test("says that a working worker is alive and ready")
    func working() async throws {
        try await Self.serving(Scripted { _, _ in }) { bench, worker, probe in
            let receipt = try await bench.client.enqueue(Scripted.self, .init())
            _ = try await receipt.result(timeout: .seconds(30))
            for path in ["livez", "readyz"] {
                let answer = try await probe.get(path)
                #expect(answer.status == 200 && answer.body == "{\"status\":\"ok\"}\n")
            }
            let metrics = try await probe.get("metrics")
            #expect(metrics.status == 200 && metrics.type == "text/plain; version=0.0.4; charset=utf-8")
            #expect(metrics.body.contains("taskqueue_worker_slots{state=\"free\"} 64\n"))
            #expect(try await probe.get("nothing").status == 404)
        }
    }

    @Test("says that a draining worker is alive and not ready")
    func draining() async throws {
        let (started, goOn) = (Signal(), Signal())
        let handler = Scripted { _, _ in
            started.fire()
            await goOn.wait()
        }
        try await Self.serving(handler) { bench, worker, probe in
            defer { goOn.fire() }
            _ = try await bench.client.enqueue(Scripted.self, .init())
            await started.wait()
            worker.drain()
            #expect(try await probe.get("livez").status == 200)
            let ready = try await probe.get("readyz")
            #expect(ready.status == 503 && ready.type == "application/problem+json")
            #expect(ready.body.contains("\"detail\":\"the worker is draining and claims nothing\""))
        }
    }

    @Test("answers although handlers keep every thread of the cooperative pool busy")
    func starved() async {
        // In a process of its own: the other tests need the pool.
        await #expect(processExitsWith: .success) {
            try await HealthServerTests.answerStarved()
        }
    }

    private struct Late: Error {}

    private static func answerStarved() async throws {
        let asked = Signal()
        let running = Atomic(0)
        let late = Atomic(0)
        // One for all: they run one after another on few threads.
        let limit = ContinuousClock.now + .seconds(30)
        let handler = Scripted { _, _ in
            running.add(1, ordering: .relaxed)
            // Never suspends, as a handler that computes.
            while !asked.hasFired, ContinuousClock.now < limit {}
            if !asked.hasFired { late.add(1, ordering: .relaxed) }
        }
        try await serving(handler) { bench, _, probe in
            // No Swift task gets a turn to ask, so a thread does.
            Thread.detachNewThread {
                while running.load(ordering: .relaxed) < ProcessInfo.processInfo.activeProcessorCount {}
                if probe.firstLineBlocking("livez").hasSuffix("200 OK") { asked.fire() }
            }
            let inputs = (0..<64).map { Scripted.Input(text: "\($0)") }
            let receipts = try await bench.client.enqueue(Scripted.self, all: inputs)
            for id in receipts.compactMap(\.id) { _ = try await bench.client.wait(for: id, atMost: .seconds(50)) }
        }
        guard late.load(ordering: .relaxed) == 0 else { throw Late() }
    }

    @Test("an address that can't be listened on is one clear sentence")
    func badAddress() async throws {
        let other = try await ScratchHTTPServer.start()
        let cases = [
            ("127.0.0.1:\(other.port)", "something else listens there; stop it or choose another port"),
            // Set aside for documentation: no machine has it.
            ("192.0.2.1:0", "no interface of this machine has that address"),
            ("no-such-host.invalid:0", "no host has that name; give an address"),
        ]
        let bench = try await DriverUnderTest.memory.make()
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let worker = Worker(
            broker: bench.broker, results: bench.results, registry: TaskRegistry(),
            configuration: WorkerConfiguration(), logger: logger)
        for (text, cause) in cases {
            let address = try #require(ListenAddress(text))
            let server = HealthServer(
                address, of: worker, metrics: MetricsPage([]), on: BlockingPool(label: "test", threads: 1),
                logger: logger)
            let error = await #expect(throws: ListenError.self) { try await server.run() }
            #expect(error?.description == "can't listen on \(text): \(cause)")
        }
    }
}
