import Embedded
import GRDB
import TaskQueue
import TestSupport
import Testing

@Suite("A file that someone else holds", .timeLimit(.minutes(1)))
struct LockTests {
    /// Another process's connection, which holds the write lock from one call to another.
    private func stranger(_ path: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        return try DatabaseQueue(path: path, configuration: configuration)
    }

    /// Holds the write lock of a file while a body runs.
    private func whileLocked(_ path: String, _ body: () async throws -> Void) async throws {
        let other = try stranger(path)
        try await other.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
        try await body()
        try await other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
    }

    @Test("a write is refused as busy, changes nothing, and is accepted once the lock is free")
    func busy() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("queue.sqlite")
        let depot = try Depot(path, busyTimeout: .milliseconds(50))
        let (first, second) = (Depot.message(), Depot.message())
        _ = try await depot.client.enqueue([first])
        try await whileLocked(path) {
            let error = await #expect(throws: StoreError.self) { try await depot.broker.enqueue([second]) }
            #expect(error?.code == .busy && error?.isTransient == true)
            #expect(error?.message.hasPrefix("\(path): could not enqueue: ") == true)
            #expect(
                error?.message.hasSuffix("another process holds the write lock; nothing was changed; try again")
                    == true)
            // Whoever only looks is not kept waiting.
            let known = try await depot.client.status([first.id, second.id])
            #expect(known.mapValues(\.state) == [first.id: .pending])
        }
        #expect(try await depot.broker.enqueue([second]) == [.accepted(second.id)])
    }

    @Test("opening waits no longer than it may, and says why")
    func opening() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("queue.sqlite")
        _ = try Depot(path)
        try await whileLocked(path) {
            let error = try #require(refusal(path))
            #expect(error.code == .busy)
            #expect(error.message.hasPrefix("\(path): could not open: "))
        }
        #expect(refusal(path) == nil)
    }

    @Test("a write waits for a lock that is let go in time")
    func waits() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("queue.sqlite")
        let depot = try Depot(path, busyTimeout: .seconds(50))
        let message = Depot.message()
        let other = try stranger(path)
        try await other.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
        async let receipts = depot.broker.enqueue([message])
        // A read through the same depot shows that its threads are at work and the write has had its chance to begin.
        #expect(try await depot.client.status(message.id) == nil)
        try await other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
        #expect(try await receipts == [.accepted(message.id)])
    }

    @Test("any number of processes may create the file at once")
    func together() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("queue.sqlite")
        let ids = try await withThrowingTaskGroup(of: TaskID.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let message = Depot.message()
                    _ = try await Depot(path).client.enqueue([message])
                    return message.id
                }
            }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        let known = try await Depot(path).client.status(Array(ids))
        #expect(known.count == 8)
    }
}
