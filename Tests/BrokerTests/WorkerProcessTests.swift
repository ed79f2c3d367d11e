import Foundation
import TaskQueue
import TestSupport
import Testing

@Suite("Worker processes that die or stall", .serialized, .timeLimit(.minutes(3)))
struct WorkerProcessTests {
    private let server: RedisServer
    private let station: Station
    private let lease = Duration.seconds(1)

    init() async throws {
        server = try await RedisServer.start()
        station = try Station(server.url)
    }

    private func submit(
        _ count: Int, milliseconds: Int = 0, isDeadly: Bool = false, _ change: (inout TaskMessage) -> Void = { _ in }
    ) async throws -> [TaskID] {
        let messages = (0..<count).map { _ in
            let input = #"{"milliseconds":\#(milliseconds),"isDeadly":\#(isDeadly)}"#
            var message = TaskMessage(task: "nap", payload: Array(input.utf8))
            change(&message)
            return message
        }
        return try await station.broker.enqueue(messages).compactMap(\.id)
    }

    private func start(_ name: String) async throws -> WorkerProcess {
        try await WorkerProcess(server.url, name, lease: lease)
    }

    private func ended() async throws {
        try await eventually("everything has ended") { try await station.live() == 0 }
    }

    @Test("lose nothing when one of three is killed again and again")
    func killed() async throws {
        var ids: [TaskID] = []
        for _ in 0..<10 { ids += try await submit(1000) }
        var workers: [WorkerProcess] = []
        for name in ["a", "b", "c"] { workers.append(try await start(name)) }
        for round in 0..<8 {
            // One that holds something, so that each death costs a claim.
            let victim = workers.removeFirst()
            try await eventually("the victim holds something") {
                if try await victim.holding(station) ?? 0 > 0 { return true }
                ids += try await submit(50, milliseconds: 50)
                return false
            }
            await victim.kill()
            workers.append(try await start("w\(round)"))
        }
        try await ended()
        let records = try await station.results.fetch(ids)
        #expect(ids.allSatisfy { records[$0]?.state == .success })
        let again = records.values.reduce(0) { $0 + Int($1.fence) - 1 }
        let deaths = records.values.reduce(0) { $0 + $1.history.count { $0.failure?.reason == .leaseLost } }
        #expect(deaths > 0)
        print("recovery: kill -9 of a worker, 8 times: \(ids.count) tasks, lost 0, \(deaths) held, \(again) run again")
    }

    @Test("have what a dead one held started again by another, its death remembered")
    func dead() async throws {
        let ids = try await submit(4, milliseconds: 60_000)
        let victim = try await start("victim")
        try await eventually("the victim holds all") { try await victim.holding(station) == 4 }
        let heir = try await start("heir")
        try await eventually("the heir is known") { try await heir.holding(station) == 0 }
        await victim.kill()
        let killed = Timestamp.now
        try await ended()
        var latest = killed
        for record in try await station.results.fetch(ids).values {
            #expect(record.state == .success && record.attempt == 1 && record.fence == 2)
            #expect(record.worker?.hasPrefix("heir-") == true)
            let death = try #require(record.history.first)
            #expect(death.failure?.reason == .leaseLost && death.worker.hasPrefix("victim-"))
            let started = try #require(record.startedAt)
            #expect(death.finishedAt > killed && started >= death.finishedAt)
            latest = max(latest, started)
        }
        let took = (latest - killed).wholeMilliseconds
        print("recovery: kill -9 of a worker: \(took) ms until work flowed again, lease 1000 ms")
    }

    @Test("that stalled for longer than its lease can settle nothing afterwards, and goes on with other work")
    func stalled() async throws {
        let ids = try await submit(4, milliseconds: 1000)
        let late = try await start("late")
        try await eventually("it holds all") { try await late.holding(station) == 4 }
        late.pause()
        let heir = try await start("heir")
        try await ended()
        let before = try await station.results.fetch(ids)
        #expect(before.values.allSatisfy { $0.worker?.hasPrefix("heir-") == true && $0.state == .success })
        await heir.kill()
        late.resume()
        // It takes new work only after an exchange, by which time it has told what it wanted.
        let others = try await submit(20)
        try await ended()
        let after = try await station.results.fetch(others)
        #expect(others.allSatisfy { after[$0]?.worker?.hasPrefix("late-") == true })
        try await eventually("its old attempts have ended") { try await late.holding(station) == 0 }
        #expect(try await station.results.fetch(ids) == before)
        #expect(late.isRunning)
    }

    @Test("leave suspects that a worker ends one after the other, without asking at intervals")
    func suspects() async throws {
        let ids = try await submit(300)
        for name in ["dead1", "dead2"] {
            let dead = try Station(server.url, as: name)
            _ = try await dead.claim(300, tasks: ["nap"])
            try await server.cli("ZADD", "tq:{default}:workers", "1", name)
            #expect(try await station.broker.recover().reclaimed.count == 300)
        }
        #expect(try await station.claim(300, tasks: ["nap"]).map(\.deaths) == [2])
        try await station.broker.release(station.lease)
        let worker = station.worker(Napper()) { $0.idleInterval = .seconds(3600) }
        try await worker.run { try await ended() }
        let records = try await station.results.fetch(ids)
        #expect(ids.allSatisfy { records[$0]?.state == .success })
    }

    /// The same task as in the processes, at home.
    private struct Napper: TaskHandler {
        struct Input: Codable, Sendable { var milliseconds: Int }
        static let name = "nap"
        func run(_ input: Input, _ context: TaskContext) async throws -> Bool { true }
    }

    @Test("that each die of one task leave it in quarantine after its limit, and the rest go on")
    func deadly() async throws {
        let deadly = try await submit(1, isDeadly: true) { $0.deathLimit = 3 }
        let others = try await submit(200)
        var deaths = 0
        var worker = try await start("first")
        try await eventually("everything has ended") {
            if !worker.isRunning {
                deaths += 1
                worker = try await start("w\(deaths)")
            }
            return try await station.live() == 0
        }
        #expect(deaths == 3)
        let record = try #require(try await station.client.status(deadly[0]))
        #expect(record.state == .failure && record.failure?.reason == .quarantined)
        #expect(record.failure?.message == "3 workers died while they held it")
        #expect(record.history.map(\.failure?.reason) == [.leaseLost, .leaseLost, .leaseLost])
        #expect(try await station.broker.deadLetters(nil, limit: 10).map(\.id) == deadly)
        let records = try await station.results.fetch(others)
        #expect(others.allSatisfy { records[$0]?.state == .success })
    }
}
