import Redis
import TaskQueue
import TestSupport
import Testing

/// Somebody has written into the books who should not have, or a server came back with half of them.
@Suite("Damaged books", .timeLimit(.minutes(1)))
struct DamageTests {
    /// What can't be a task, from nothing at all to a sound header before a message that is none.
    static let garbage: [[UInt8]] = [
        [], [7], [UInt8](repeating: 0, count: 15), [UInt8](repeating: 255, count: 16),
        [UInt8](repeating: 255, count: 70_000), Array("not a task, but longer than a header".utf8),
        [UInt8](repeating: 0, count: 12) + [4, 8, 0, 0] + Array("scripted".utf8) + [255, 255, 255],
    ]

    /// A broken task stands in front of a sound one, each in every place where a task can be.
    @Test("give their unreadable tasks to the dead letters, and nobody waits behind them", arguments: garbage)
    func unreadable(_ bytes: [UInt8]) async throws {
        let station = try await Station.shared()
        var broken: [TaskID] = []
        var sound: [TaskID] = []
        func submit(_ change: (inout TaskMessage) -> Void) async throws {
            broken.append(try await station.enqueue("scripted", change))
            sound.append(try await station.enqueue("scripted", change))
        }
        func claim() async throws -> [Delivery] { try await station.claim(tasks: ["scripted"]) }
        for _ in 0..<2 { try await submit { _ in } }
        let backLater = try await claim()
        for _ in 0..<2 { try await submit { _ in } }
        let heldByDead = try Station(await Self.url(), prefix: station.prefix, as: "dead")
        _ = try await heldByDead.claim(tasks: ["scripted"])
        try await submit { _ in }
        try await submit { $0.notBefore = .after(.milliseconds(1)) }
        broken.append(try await station.enqueue("scripted") { $0.uniqueKey = "key" })
        for id in broken { try await station.send("HSET", station.key(":tasks"), .bytes(id.bytes), .bytes(bytes)) }
        _ = try await station.exchange(
            backLater.prefix(2).map { Settlement($0, .handBack) }
                + backLater.dropFirst(2).map { Settlement($0, .snooze(.milliseconds(1))) })
        try await station.send("ZADD", station.key(":workers"), 1, "dead")
        _ = try await station.broker.recover()
        #expect(try await station.broker.queues().count == 1)

        try await station.worker(Scripted { _, _ in }).run {
            try await eventually("all have ended") { try await station.live() == 0 }
        }
        let letters = try await station.broker.deadLetters(nil, limit: 100)
        #expect(Set(letters.map(\.id)) == Set(broken))
        #expect(letters.allSatisfy { $0.failure.reason == .quarantined })
        let states = try await station.client.status(sound).mapValues(\.state)
        #expect(sound.compactMap { states[$0] } == sound.map { _ in .success })
        #expect(try await station.send("HLEN", station.key(":tasks")) == .integer(0))
    }

    private static func url() async throws -> String {
        guard case .single(let address) = try await SharedRedis.client().configuration.servers else { return "" }
        return "redis://\(address)"
    }

    @Test("with an unreadable state deliver the task as if for the first time", arguments: ["", "x", "1 2", "- 1 1 1"])
    func state(_ text: String) async throws {
        let station = try await Station.shared()
        var ids: [TaskID] = []
        for _ in 0..<3 { ids.append(try await station.enqueue()) }
        try await station.send("HSET", station.key(":state"), .bytes(ids[0].bytes), .string(text))
        var held = try await station.claim(1)
        #expect(held.map(\.id) == [ids[0]] && held.first?.attempt == 1)
        // Whether it may be what kills workers is asked before one is given another such task.
        try await station.send("LREM", station.key(":ready:4:work"), 1, .bytes(ids[2].bytes))
        try await station.send("RPUSH", station.key(":suspect:4:work"), .bytes(ids[2].bytes))
        try await station.send("SADD", station.key(":lanes"), "suspect:4:work")
        held += try await station.claim()
        #expect(held.map(\.id) == ids)
        #expect(try await station.exchange(station.successes(held)).lost.isEmpty)
        #expect(try await station.live() == 0)
    }

    @Test("with an unreadable claim can still be looked at")
    func claim() async throws {
        let station = try await Station.shared()
        let id = try await station.enqueue()
        try await station.send("HSET", station.key(":claims"), .bytes([UInt8](repeating: 1, count: 16)), "x")
        #expect(try await station.broker.queues().first?.processing == 1)
        #expect(try await station.broker.workers().isEmpty)
        #expect(try await station.broker.recover().leftoversRemoved == 1)
        #expect(try await station.claim().map(\.id) == [id])
    }

    @Test("that lack as many places as they have too many are put right in both directions")
    func bothWays() async throws {
        let clock = ManualClock()
        let station = try await Station.shared(clock: clock)
        var ids: [TaskID] = []
        for _ in 0..<3 { ids.append(try await station.enqueue()) }
        let later = try await station.enqueue { $0.notBefore = .after(.seconds(60)) }
        let running = try #require(try await station.claim(1).first)
        // One task is gone and its place is left; one place is gone and its task is left.
        try await station.send("HDEL", station.key(":tasks"), .bytes(later.bytes))
        try await station.send("LREM", station.key(":ready:4:work"), 1, .bytes(ids[1].bytes))
        let recovery = try await station.broker.recover()
        #expect(recovery.leftoversRemoved == 1)
        #expect(recovery.orphansRequeued == [ids[1]])
        clock.advance(by: .seconds(2))
        #expect(try await station.broker.recover().isEmpty)
        #expect(try await station.claim().map(\.id) == [ids[1], ids[2]])
        #expect(try await station.exchange(station.successes([running])).lost.isEmpty)
    }

    @Test("in which a task stands twice lose the second place")
    func twice() async throws {
        let station = try await Station.shared()
        let id = try await station.enqueue()
        try await station.send("RPUSH", station.key(":ready:4:work"), .bytes(id.bytes))
        try await station.send("ZADD", station.key(":scheduled"), 1, .bytes(id.bytes))
        #expect(try await station.broker.recover().leftoversRemoved == 2)
        #expect(try await station.claim().map(\.id) == [id])
        #expect(try await station.claim().isEmpty)
    }

    @Test("that lost all but their tasks are made anew")
    func onlyTasks() async throws {
        let station = try await Station.shared()
        var ids: [TaskID] = []
        for number in 0..<30 {
            ids.append(try await station.enqueue { if number % 2 == 0 { $0.notBefore = .after(.seconds(60)) } })
        }
        _ = try await station.claim(5)
        for book in [":ready:4:work", ":lanes", ":scheduled", ":claims", ":workers", ":state"] {
            try await station.send("DEL", station.key(book))
        }
        #expect(try await Set(station.broker.recover().orphansRequeued) == Set(ids))
        #expect(try await Set(station.claim().map(\.id)) == Set(ids))
    }
}
