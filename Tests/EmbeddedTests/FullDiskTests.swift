import Embedded
import GRDB
import Synchronization
import TaskQueue
import TestSupport
import Testing

@Suite("A full disk", .timeLimit(.minutes(1)))
struct FullDiskTests {
    /// Lets a queue's file grow by no more than a few pages; SQLite reports it just as a disk without room.
    private func fill(_ depot: Depot, pagesLeft: Int = 4) async throws {
        let pages = try await DatabaseQueue(path: depot.path).read { try Int.fetchOne($0, sql: "PRAGMA page_count") }
        try await depot.broker.tamper("PRAGMA max_page_count = \(try #require(pages) + pagesLeft)")
    }

    private func makeRoom(_ depot: Depot) async throws {
        try await depot.broker.tamper("PRAGMA max_page_count = 1000000")
    }

    @Test("refuses what has no room, whole, and loses nothing that was accepted")
    func enqueue() async throws {
        let folder = try TemporaryFolder()
        let depot = try Depot(folder.path("queue.sqlite"))
        let accepted = (0..<20).map { _ in Depot.message(bytes: 200) }
        _ = try await depot.broker.enqueue(accepted)
        try await fill(depot)

        let refused = [Depot.message(), Depot.message(bytes: 100_000), Depot.message()]
        let error = await #expect(throws: StoreError.self) { try await depot.broker.enqueue(refused) }
        #expect(error?.code == .full && error?.isTransient == true)
        #expect(
            error?.message.hasSuffix("the disk is full; nothing was changed; make room and it goes on") == true)
        let known = try await depot.client.status((accepted + refused).map(\.id))
        #expect(Set(known.keys) == Set(accepted.map(\.id)))

        // What is there can still be taken and ended, which frees room.
        let lease = WorkerLease(worker: "w")
        let claim = Claim(count: 100, tasks: [Scripted.name])
        let deliveries = try await depot.broker.exchange([], claiming: claim, as: lease).deliveries
        #expect(deliveries.map(\.id) == accepted.map(\.id))

        try await makeRoom(depot)
        let receipts = try await depot.broker.enqueue(refused)
        #expect(receipts == refused.map { .accepted($0.id) })
    }

    @Test("a worker keeps outcomes that have no room, and tells them once there is some")
    func settle() async throws {
        let folder = try TemporaryFolder()
        let depot = try Depot(folder.path("queue.sqlite"))
        let log = LogBook()
        let runs = Mutex(0)
        let (started, goOn) = (Signal(), Signal())
        let handler = Scripted { _, _ in
            runs.withLock { $0 += 1 }
            started.fire()
            await goOn.wait()
            // Failures are kept with the task, and this one needs more pages than there are.
            throw GiveUp(String(repeating: "no ", count: 600))
        }
        try await depot.worker(handler, log: log).run {
            let message = Depot.message()
            _ = try await depot.client.enqueue([message])
            await started.wait()
            try await fill(depot, pagesLeft: 0)
            goOn.fire()
            await log.wait(for: "exchange failed; outcomes are kept and told again")
            #expect(try await depot.client.status(message.id)?.state == .processing)
            try await makeRoom(depot)
            let record = try await depot.client.wait(for: message.id, atMost: .seconds(30))
            #expect(record.state == .failure && record.attempt == 1)
        }
        #expect(runs.withLock { $0 } == 1)
        #expect(log.lines.contains { $0.text.contains("the disk is full") })
    }
}
