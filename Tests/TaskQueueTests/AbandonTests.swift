import Dispatch
import TaskQueue
import TestSupport
import Testing

@Suite("A handler that never returns", .timeLimit(.minutes(1)))
struct AbandonTests {
    /// Blocks its thread for as long as a test wants, or not at all.
    struct Block: TaskHandler {
        static let name = "block"
        static let policy = TaskPolicy(
            retry: RetryPolicy(maxRetries: 0), softTimeLimit: .milliseconds(50), hardTimeLimit: .milliseconds(50),
            place: .threads)
        let release = DispatchSemaphore(value: 0)

        private static func wait(for semaphore: DispatchSemaphore) { semaphore.wait() }

        func run(_ isStuck: Bool, _ context: TaskContext) async throws -> Bool {
            if isStuck { Self.wait(for: release) }
            return isStuck
        }
    }

    /// Ignores that it is to stop until the signal.
    private func stubborn(_ started: Signal, _ release: Signal) -> Scripted {
        Scripted { input, _ in
            guard input.text == "stubborn" else { return }
            started.fire()
            await release.wait()
        }
    }

    @Test("loses its slot a while after its task was cancelled", arguments: DriverUnderTest.allCases)
    func cancelled(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make(isReal: true)
        let (started, release) = (Signal(), Signal())
        let worker = makeWorker(bench, [stubborn(started, release)]) {
            $0.concurrency = 1
            $0.stopTimeout = .milliseconds(50)
        }
        try await worker.run {
            let stuck = try await bench.client.enqueue(Scripted.self, .init(text: "stubborn"))
            await started.wait()
            #expect(try await stuck.cancel())
            let record = try await bench.client.wait(for: stuck.id, atMost: .seconds(30))
            #expect(record.state == .revoked && record.failure?.reason == .cancelled)
            #expect(worker.health.abandoned == 1 && worker.health.busy == 0)
            let next = try await bench.client.enqueue(Scripted.self, .init())
            _ = try await next.result(timeout: .seconds(30))
            release.fire()
            try await eventually("it has ended after all") { worker.health.abandoned == 0 }
            #expect(try await stuck.status() == record)
        }
    }

    @Test("and blocks the only thread there is keeps no other task from a thread")
    func blocked() async throws {
        let bench = try await DriverUnderTest.memory.make(isReal: true)
        let handler = Block()
        let worker = makeWorker(bench, [handler]) { $0.threads = 1 }
        try await worker.run {
            let stuck = try await bench.client.enqueue(Block.self, true)
            let record = try await bench.client.wait(for: stuck.id, atMost: .seconds(30))
            #expect(record.state == .failure && record.failure?.reason == .timedOut)
            #expect(worker.health.abandoned == 1)
            var options = TaskOptions()
            options.timeLimit = .seconds(30)
            let next = try await bench.client.enqueue(Block.self, false, options)
            #expect(try await next.result(timeout: .seconds(30)) == false)
            handler.release.signal()
            try await eventually("it has ended after all") { worker.health.abandoned == 0 }
        }
    }

    @Test("too often makes the worker drain by itself")
    func tooMany() async throws {
        let bench = try await DriverUnderTest.memory.make(isReal: true)
        let handler = Block()
        let worker = makeWorker(bench, [handler]) { $0.abandonedMax = 3 }
        async let running: Void = worker.run()
        for _ in 0..<3 {
            let stuck = try await bench.client.enqueue(Block.self, true)
            _ = try await bench.client.wait(for: stuck.id, atMost: .seconds(30))
        }
        await running
        #expect(worker.health.isDraining && worker.health.abandoned == 3)
        for _ in 0..<3 { handler.release.signal() }
    }
}
