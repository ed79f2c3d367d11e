import Embedded
import Synchronization
import TaskQueue
import TestSupport
import Testing

/// A process that dies is a depot that is let go of without a word.
@Suite("A process that dies", .timeLimit(.minutes(1)))
struct CrashTests {
    private let lease = WorkerLease(worker: "died", duration: .seconds(10))
    private let heir = WorkerLease(worker: "heir", duration: .seconds(10))
    private let claim = Claim(count: 10, tasks: [Scripted.name])

    @Test("between claim and settlement leaves its task to others when its lease lapses, and not before")
    func beforeSettling() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("queue.sqlite")
        let clock = ManualClock()
        let message = Depot.message()
        let held: Delivery
        do {
            let depot = try Depot(path, clock: clock.clock)
            _ = try await depot.client.enqueue([message])
            let deliveries = try await depot.broker.exchange([], claiming: claim, as: lease).deliveries
            held = try #require(deliveries.first)
        }
        let depot = try Depot(path, clock: clock.clock)
        #expect(try await depot.client.status(message.id)?.worker == "died")
        clock.advance(by: .seconds(9))
        #expect(try await depot.broker.recover().reclaimed.isEmpty)
        #expect(try await depot.broker.exchange([], claiming: claim, as: heir).deliveries.isEmpty)
        clock.advance(by: .seconds(1))
        #expect(try await depot.broker.recover().reclaimed == [message.id])
        let again = try #require(try await depot.broker.exchange([], claiming: claim, as: heir).deliveries.first)
        #expect(again.id == message.id && again.attempt == 1 && again.deaths == 1 && again.fence == 2)

        // Had it only been silent, it would come too late: nothing it says counts.
        let late = Settlement(held, .finish(TaskRecord(settling: held, as: .failure, at: clock.now, worker: "died")))
        #expect(try await depot.broker.exchange([late], claiming: nil, as: lease).lost == [message.id])
        let record = TaskRecord(settling: again, as: .success, at: clock.now, worker: "heir")
        #expect(
            try await depot.broker.exchange([Settlement(again, .finish(record))], claiming: nil, as: heir).lost.isEmpty)
        #expect(try await Depot(path, clock: clock.clock).client.status(message.id)?.state == .success)
    }

    @Test("before the clock is set back is found out in two leases all the same")
    func clockSetBack() async throws {
        let folder = try TemporaryFolder()
        let clock = ManualClock()
        let depot = try Depot(folder.path("queue.sqlite"), clock: clock.clock)
        let message = Depot.message()
        _ = try await depot.client.enqueue([message])
        _ = try await depot.broker.exchange([], claiming: claim, as: lease)
        clock.advance(by: .seconds(-86_400))
        _ = try await depot.broker.renew(heir, progress: [:])
        #expect(try await depot.broker.recover().isEmpty)
        clock.advance(by: .seconds(9))
        // Who lives has renewed by now.
        _ = try await depot.broker.renew(heir, progress: [:])
        #expect(try await depot.broker.recover().isEmpty)
        clock.advance(by: .seconds(1))
        let recovery = try await depot.broker.recover()
        #expect(recovery.deadWorkers == ["died"] && recovery.reclaimed == [message.id])
    }

    @Test("after its settlement leaves a final record and nothing to run again")
    func afterSettling() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("queue.sqlite")
        let clock = ManualClock()
        let message = Depot.message()
        do {
            let depot = try Depot(path, clock: clock.clock)
            _ = try await depot.client.enqueue([message])
            let held = try #require(try await depot.broker.exchange([], claiming: claim, as: lease).deliveries.first)
            let record = TaskRecord(settling: held, as: .success, at: clock.now, worker: "died")
            _ = try await depot.broker.exchange([Settlement(held, .finish(record))], claiming: nil, as: lease)
        }
        let depot = try Depot(path, clock: clock.clock)
        clock.advance(by: .seconds(60))
        let recovery = try await depot.broker.recover()
        #expect(recovery.reclaimed.isEmpty && recovery.orphansRequeued.isEmpty)
        #expect(try await depot.broker.exchange([], claiming: claim, as: heir).deliveries.isEmpty)
        #expect(try await depot.client.status(message.id)?.state == .success)
    }

    @Test("between its record and its settlement leaves a record that the next worker honours")
    func betweenStores() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("queue.sqlite")
        let clock = ManualClock()
        let message = Depot.message()
        do {
            // Results kept apart from the broker, so that telling both is two steps.
            let depot = try Depot(path, clock: clock.clock, recordsOutcomes: false)
            _ = try await depot.client.enqueue([message])
            let held = try #require(try await depot.broker.exchange([], claiming: claim, as: lease).deliveries.first)
            _ = try await depot.results.record([
                TaskRecord(settling: held, as: .success, at: clock.now, worker: "died")
            ])
        }
        clock.advance(by: .seconds(60))
        let depot = try Depot(path, clock: clock.clock, recordsOutcomes: false)
        #expect(try await depot.broker.recover().reclaimed == [message.id])
        let other = Depot.message()
        let ran = Mutex<[TaskID]>([])
        let worker = depot.worker(Scripted { _, context in ran.withLock { $0.append(context.id) } })
        try await worker.run {
            _ = try await depot.client.enqueue([other])
            #expect(try await depot.client.wait(for: other.id, atMost: .seconds(30)).state == .success)
        }
        // The worker has settled all it knew of by the time it has stopped.
        #expect(ran.withLock { $0 } == [other.id])
        #expect(try await depot.client.status(message.id)?.worker == "died")
        #expect(try await depot.broker.fetch([message.id, other.id]).isEmpty)
    }
}
