import Synchronization
import TestSupport
import Testing

@testable import TaskQueue

@Suite("Changing a worker's slots while it runs", .timeLimit(.minutes(1)))
struct ResizeTests {
    private func deliveries(_ count: Int) -> [Delivery] {
        (0..<count).map { _ in
            let message = TaskMessage(task: "work", payload: [])
            return Delivery(
                id: message.id, content: .success(message), task: "work", queue: "default", fence: 1, attempt: 1,
                deaths: 0, enqueuedAt: .now, claimedAt: .now)
        }
    }

    private func state(slots: Int, holding count: Int) -> WorkerState {
        var state = WorkerState(slots: slots, claimMax: 100, lookahead: .milliseconds(20))
        state.accept(deliveries(count), asked: count)
        return state
    }

    @Test("more slots claim more")
    func grow() {
        var state = state(slots: 2, holding: 2)
        for _ in 0..<2 { _ = state.startNext(batchSize: 1) }
        #expect(state.claimSize == 0)
        state.resize(slots: 5)
        #expect(state.claimSize == 3)
    }

    @Test("fewer slots hand back what was claimed for those that are gone, and let running attempts go on")
    func shrink() {
        var state = state(slots: 4, holding: 4)
        _ = state.startNext(batchSize: 1)
        _ = state.startNext(batchSize: 1)
        let kept = state.backlog.first
        state.resize(slots: 3)
        #expect(state.busy == 2 && state.slots == 3)
        #expect(state.backlog.count == 1 && state.backlog.first == kept)
        #expect(state.unsettled.map(\.verdict) == [.handBack])
        state.resize(slots: 1)
        #expect(state.busy == 2 && state.backlog.isEmpty && state.claimSize == 0)
        // The first to end gives back a slot that is no more.
        state.finish([], seconds: 1)
        state.accept(deliveries(1), asked: 1)
        let none = state.startNext(batchSize: 1)
        #expect(none.isEmpty)
    }

    @Test("there is always one slot", arguments: [0, -5, .min])
    func atLeastOne(_ count: Int) {
        var state = state(slots: 4, holding: 0)
        state.resize(slots: count)
        #expect(state.slots == 1)
    }

    @Test("a slot that is added takes a waiting task at once", arguments: DriverUnderTest.allCases)
    func running(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make(isReal: true)
        let started = ["a": Signal(), "b": Signal()]
        // Neither ends before the other has begun.
        let handler = Scripted { input, _ in
            started[input.text]?.fire()
            for signal in started.values { await signal.wait() }
        }
        let worker = makeWorker(bench, [handler]) { $0.concurrency = 1 }
        try await worker.run {
            let first = try await bench.client.enqueue(Scripted.self, .init(text: "a"))
            await started["a"]?.wait()
            let second = try await bench.client.enqueue(Scripted.self, .init(text: "b"))
            worker.resize(slots: 2)
            _ = try await first.result(timeout: .seconds(30))
            _ = try await second.result(timeout: .seconds(30))
        }
    }

    @Test("no more attempts run at once than slots are left", arguments: DriverUnderTest.allCases)
    func shrunk(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make(isReal: true)
        let running = Mutex((now: 0, most: 0))
        let handler = Scripted { _, _ in
            running.withLock { running in
                running.now += 1
                running.most = max(running.most, running.now)
            }
            await Task.yield()
            running.withLock { $0.now -= 1 }
        }
        let worker = makeWorker(bench, [handler]) { $0.concurrency = 8 }
        try await worker.run {
            worker.resize(slots: 1)
            let receipts = try await bench.client.enqueue(
                Scripted.self, all: (0..<40).map { .init(text: "\($0)") })
            for id in receipts.compactMap(\.id) { _ = try await bench.client.wait(for: id, atMost: .seconds(30)) }
            #expect(running.withLock { $0.most } == 1)
        }
    }
}
