import TaskQueue
import TestSupport
import Testing

@Suite("A task with a deadline for its start", .timeLimit(.minutes(1)))
struct ExpiryTests {
    @Test("is revoked if it expires while it waits in a worker for a slot", arguments: DriverUnderTest.allCases)
    func claimedAhead(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        let (started, release) = (Signal(), Signal())
        let handler = Scripted { input, _ in
            guard input.text == "blocks" else { return }
            started.fire()
            await release.wait()
        }
        let worker = makeWorker(bench, [handler]) {
            $0.concurrency = 1
            $0.lookahead = .seconds(60)
        }
        try await worker.run {
            // From the first one it learns how short they are, and claims the next before there is a slot for them.
            let first = try await bench.client.enqueue(Scripted.self, .init())
            _ = try await first.result(timeout: .seconds(20))
            let blocking = try await bench.client.enqueue(Scripted.self, .init(text: "blocks"))
            await started.wait()
            var options = TaskOptions()
            options.expires = .after(.seconds(1))
            let late = try await bench.client.enqueue(Scripted.self, .init(), options)
            try await eventually("it is claimed") { try await late.status()?.state == .processing }
            try await bench.passTime(.seconds(2))
            // Claiming this one, the worker hears what time it is.
            let last = try await bench.client.enqueue(Scripted.self, .init())
            try await eventually("it is claimed") { try await last.status()?.state == .processing }
            release.fire()
            _ = try await blocking.result(timeout: .seconds(20))
            await #expect(throws: TaskFailure.self) { try await late.result(timeout: .seconds(20)) }
            let record = try #require(try await late.status())
            #expect(record.state == .revoked)
            #expect(record.failure?.reason == .expired)
            _ = try await last.result(timeout: .seconds(20))
        }
    }
}

@Suite("A task with a time for its start", .timeLimit(.minutes(1)))
struct DueTests {
    @Test("starts when it falls due, though what ran before was settled meanwhile", arguments: DriverUnderTest.allCases)
    func afterSettlement(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make(isReal: true)
        // Looking by itself would come too late.
        let worker = makeWorker(bench, [Scripted { _, _ in }]) { $0.idleInterval = .seconds(600) }
        try await worker.run {
            var receipts: [TaskReceipt<Scripted.Output>] = []
            for delay in [100, 200, 300] {
                var options = TaskOptions()
                options.notBefore = .after(.milliseconds(delay))
                receipts.append(try await bench.client.enqueue(Scripted.self, .init(), options))
            }
            for receipt in receipts { _ = try await receipt.result(timeout: .seconds(30)) }
        }
    }
}
