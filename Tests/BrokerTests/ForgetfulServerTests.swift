import Redis
import TaskQueue
import TestSupport
import Testing

/// A replica that was promoted, or a file that lacked the last second: what was confirmed before is undone.
@Suite("A server that has forgotten a settlement", .timeLimit(.minutes(1)))
struct ForgetfulServerTests {
    private let server: RedisServer
    private let worker: Station
    private let books = [":tasks", ":claims"]

    init() async throws {
        server = try await RedisServer.start()
        worker = try Station(server.url)
    }

    /// Claims two tasks, settles one, and has the server forget that.
    private func forgetSettlement() async throws -> (running: Delivery, forgotten: Delivery) {
        for _ in 0..<2 { try await worker.enqueue() }
        let held = try await worker.claim()
        var copies: [[UInt8]] = []
        for book in books {
            copies.append(try #require(try await worker.send("DUMP", worker.key(book)).bytes))
        }
        _ = try await worker.exchange(worker.successes([held[1]]))
        for (book, copy) in zip(books, copies) {
            try await worker.send("RESTORE", worker.key(book), 0, .bytes(copy), "REPLACE")
        }
        #expect(try await worker.broker.workers().map(\.holding) == [2])
        return (held[0], held[1])
    }

    private func handsBack(_ forgotten: Delivery) async throws {
        let other = try Station(server.url, as: "worker-b")
        let again = try await other.claim()
        #expect(again.map(\.id) == [forgotten.id])
        #expect(again.map(\.fence) == [2] && again.map(\.deaths) == [0])
    }

    @Test("has the task handed back after the connection was lost, and what runs goes on")
    func afterGap() async throws {
        let rung = Signal()
        let subscription = worker.broker.onWork { rung.fire() }
        defer { subscription.end() }
        await rung.wait()
        let (running, forgotten) = try await forgetSettlement()
        #expect(try await worker.broker.renew(worker.lease, progress: [:]).isEmpty)
        #expect(try await worker.broker.workers().map(\.holding) == [2])
        try await server.cli("CLIENT", "KILL", "TYPE", "pubsub")
        try await eventually("it is handed back") {
            _ = try await worker.broker.renew(worker.lease, progress: [:])
            return try await worker.broker.workers().map(\.holding) == [1]
        }
        try await handsBack(forgotten)
        #expect(try await worker.exchange(worker.successes([running])).lost.isEmpty)
    }

    @Test("has the task handed back in time although nothing told of it")
    func inTime() async throws {
        let (running, forgotten) = try await forgetSettlement()
        for _ in 0..<20 { #expect(try await worker.broker.renew(worker.lease, progress: [:]).isEmpty) }
        try await handsBack(forgotten)
        #expect(try await worker.exchange(worker.successes([running])).lost.isEmpty)
    }
}
