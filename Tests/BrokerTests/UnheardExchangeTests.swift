import Redis
import TaskQueue
import TestSupport
import Testing

/// The server carries an exchange out and its answer never comes.
@Suite("An exchange whose answer was lost", .timeLimit(.minutes(2)))
struct UnheardExchangeTests {
    private let server: RedisServer
    private let proxy: FaultProxy
    /// Behind the proxy.
    private let worker: Station
    private let other: Station

    init() async throws {
        server = try await RedisServer.start()
        proxy = try await FaultProxy.start(for: server.address)
        worker = try Station(proxy.url) {
            $0.commandTimeout = .seconds(8)
            $0.connectTimeout = .seconds(6)
            $0.backOffMaximum = .milliseconds(50)
        }
        other = try Station(server.url, as: "worker-b")
    }

    /// Has the server carry out what the body asks for, and loses the answer.
    private func losingAnswer(_ mode: FaultProxy.Mode, _ body: @escaping @Sendable () async throws -> Void) async throws
    {
        server.pause()
        let before = proxy.received
        let call = Task { try await body() }
        try await eventually("the request has left") { proxy.received > before }
        try await proxy.set(mode)
        let error = await #expect(throws: StoreError.self) { try await call.value }
        #expect(error?.code == .unavailable)
        // What has arrived is read although the one who sent it is gone.
        server.resume()
    }

    @Test("has its claims handed back by the next, refunded", arguments: [FaultProxy.Mode.blackHole, .reset])
    func claims(_ mode: FaultProxy.Mode) async throws {
        var ids: [TaskID] = []
        for _ in 0..<10 { ids.append(try await other.enqueue()) }
        #expect(try await worker.claim(2).map(\.id) == Array(ids.prefix(2)))
        try await losingAnswer(mode) { [worker] in _ = try await worker.claim(5, queues: ["default"]) }
        try await eventually("the server has carried it out") {
            try await other.broker.workers().first?.holding == 7
        }
        #expect(try await other.claim(1).map(\.id) == [ids[7]])
        try await proxy.set(.pass)
        // Nothing is asked for now, yet what was not heard of is anybody's again, before what came later.
        _ = try await insisting { try await worker.exchange() }
        let again = try await other.claim()
        #expect(again.map(\.id) == Array(ids[2...6]) + ids[8...])
        #expect(again.map(\.attempt) == again.map { _ in 1 })
        #expect(again.map(\.deaths) == again.map { _ in 0 })
        #expect(again.prefix(5).map(\.fence) == [2, 2, 2, 2, 2])
        #expect(try await other.broker.workers().map(\.holding) == [2, 8])
        #expect(try await other.live() == 10)
    }

    @Test("may be told again: what was settled is not called lost", arguments: [FaultProxy.Mode.blackHole, .reset])
    func settlements(_ mode: FaultProxy.Mode) async throws {
        let ids = [try await other.enqueue(), try await other.enqueue()]
        let held = try await worker.claim()
        let settlements = worker.successes(held)
        try await losingAnswer(mode) { [worker] in _ = try await worker.exchange(settlements) }
        try await eventually("the server has carried it out") { try await other.live() == 0 }
        try await proxy.set(.pass)
        let lost = try await insisting { try await worker.exchange(settlements).lost }
        #expect(lost.isEmpty)
        #expect(try await other.client.status(ids).values.map(\.state) == [.success, .success])
    }

    @Test("does not hide that a task was really lost before")
    func trulyLost() async throws {
        try await other.enqueue()
        let held = try await worker.claim()
        try await server.cli("DEL", "tq:{default}:workers")
        #expect(try await other.broker.recover().orphansRequeued.count == 1)
        _ = try await other.claim()
        try await other.enqueue()
        try await losingAnswer(.blackHole) { [worker] in _ = try await worker.claim(1, queues: ["default"]) }
        try await proxy.set(.pass)
        let lost = try await insisting { try await worker.exchange(worker.successes(held)).lost }
        #expect(lost == Set(held.map(\.id)))
    }

    @Test("of an enqueue makes one task when it is told again")
    func enqueue() async throws {
        // The server knows the script and the queue, so that the next request is the move itself.
        try await worker.enqueue("other")
        let message = TaskMessage(task: "work")
        try await losingAnswer(.blackHole) { [worker] in _ = try await worker.broker.enqueue([message]) }
        try await eventually("the server has carried it out") { try await other.live() == 2 }
        try await proxy.set(.pass)
        let receipts = try await insisting { try await worker.broker.enqueue([message]) }
        #expect(receipts == [.duplicate(of: message.id)])
        #expect(try await other.claim().count == 1)
    }
}
