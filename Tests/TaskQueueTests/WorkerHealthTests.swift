import TaskQueue
import TestSupport
import Testing

@Suite("A worker's health", .timeLimit(.minutes(1)))
struct WorkerHealthTests {
    private func health(_ change: (inout WorkerHealth) -> Void = { _ in }) -> WorkerHealth {
        var health = WorkerHealth(
            isDraining: false, hasExchanged: true, sinceExchange: .seconds(1), sinceRenewal: .seconds(1), trouble: nil,
            slots: 4, busy: 0, patience: .seconds(30))
        change(&health)
        return health
    }

    @Test("an idle worker that heard from its broker is alive and ready")
    func idle() {
        #expect(health().deathSentence == nil)
        #expect(health().unreadiness == nil)
    }

    @Test("a worker that has not heard from its broker for too long is dead, and says why")
    func silent() {
        let silent = health {
            $0.sinceExchange = .seconds(31)
            $0.trouble = StoreError(.unavailable, "no route")
        }
        #expect(silent.deathSentence == "the worker has not heard from its broker for 31 s: no route")
        #expect(silent.unreadiness != nil)
    }

    @Test("a renewed lease keeps it alive only while attempts run")
    func busy() {
        let starved = health {
            $0.sinceExchange = .seconds(31)
            $0.busy = 1
        }
        #expect(starved.deathSentence == nil)
        let idle = health { $0.sinceExchange = .seconds(31) }
        #expect(idle.deathSentence != nil)
        let lost = health {
            $0.sinceExchange = .seconds(31)
            $0.sinceRenewal = .seconds(31)
            $0.busy = 1
        }
        #expect(lost.deathSentence != nil)
    }

    @Test("a draining worker is alive and not ready")
    func draining() {
        let draining = health { $0.isDraining = true }
        #expect(draining.deathSentence == nil)
        #expect(draining.unreadiness == "the worker is draining and claims nothing")
    }

    @Test("a worker whose last exchange failed, or that never completed one, is not ready")
    func unreachable() {
        let failing = health { $0.trouble = StoreError(.unavailable, "refused") }
        #expect(failing.deathSentence == nil)
        #expect(failing.unreadiness == "the last exchange with the broker failed: refused")
        #expect(health { $0.hasExchanged = false }.unreadiness == "the worker has not reached its broker yet")
    }

    @Test("follows a worker's life", arguments: DriverUnderTest.allCases)
    func life(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make(isReal: true)
        let (started, goOn) = (Signal(), Signal())
        let handler = Scripted { _, _ in
            started.fire()
            await goOn.wait()
        }
        let worker = makeWorker(bench, [handler]) { $0.concurrency = 3 }
        #expect(worker.health.unreadiness == "the worker has not reached its broker yet")
        try await worker.run {
            let receipt = try await bench.client.enqueue(Scripted.self, .init())
            await started.wait()
            #expect(worker.health.unreadiness == nil)
            #expect(worker.health.busy == 1 && worker.health.slots == 3)
            worker.drain()
            #expect(worker.health.isDraining && worker.health.deathSentence == nil)
            goOn.fire()
            _ = try await receipt.result(timeout: .seconds(30))
        }
    }
}
