import Embedded
import TaskQueue
import TestSupport
import Testing

/// Two depots on one path are two connections that share nothing but the files, as two processes are.
@Suite("Word from one process to another", .timeLimit(.minutes(1)))
struct WakeUpTests {
    @Test("new work, a hand-back and a resumed queue wake whoever waits for work")
    func work() async throws {
        let folder = try TemporaryFolder()
        let waiting = try Depot(folder.path("queue.sqlite"))
        let acting = try Depot(folder.path("queue.sqlite"))
        let lease = WorkerLease(worker: "w")

        try await wakes(waiting.broker) { _ = try await acting.client.enqueue([Depot.message()]) }
        let claim = Claim(count: 1, tasks: [Scripted.name])
        let delivery = try #require(
            try await acting.broker.exchange([], claiming: claim, as: lease).deliveries.first)
        try await wakes(waiting.broker) {
            _ = try await acting.broker.exchange([Settlement(delivery, .handBack)], claiming: nil, as: lease)
        }
        try await wakes(waiting.broker) { try await acting.broker.setPaused(false, queue: "default") }
    }

    private func wakes(_ broker: SQLiteBroker, _ act: () async throws -> Void) async throws {
        let woken = Signal()
        let subscription = broker.onWork { woken.fire() }
        defer { subscription.end() }
        try await act()
        await woken.wait()
    }

    @Test("a worker that never looks by itself takes another's task at once, and the other hears of its end")
    func both() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("queue.sqlite")
        let (here, there) = (try Depot(path), try Depot(path))
        try await there.worker(Scripted { _, _ in }).run {
            for _ in 0..<20 {
                let message = Depot.message()
                let ended = Signal()
                let subscription = here.results.onResult(of: [message.id]) { ended.fire() }
                defer { subscription.end() }
                _ = try await here.client.enqueue([message])
                await ended.wait()
                // Progress and other tasks ring too, so the record may be one more ring away.
                #expect(try await here.client.wait(for: message.id, atMost: .seconds(30)).state == .success)
            }
        }
    }

    @Test("a listener that was ended hears no more, and the others still do")
    func ended() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("queue.sqlite")
        let (waiting, acting) = (try Depot(path), try Depot(path))
        let (stays, goes) = (Signal(), Signal())
        let staying = waiting.broker.onWork { stays.fire() }
        let going = waiting.broker.onWork { goes.fire() }
        defer { staying.end() }
        going.end()
        _ = try await acting.client.enqueue([Depot.message()])
        await stays.wait()
        #expect(!goes.hasFired)
    }
}
