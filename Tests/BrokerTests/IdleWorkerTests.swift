import Redis
import Synchronization
import TaskQueue
import TestSupport
import Testing

/// A server of its own, because it is asked how often something was published.
@Suite("An idle worker", .timeLimit(.minutes(1)))
struct IdleWorkerTests {
    private let server: RedisServer
    private let producer: Station

    init() async throws {
        server = try await RedisServer.start()
        producer = try Station(server.url, as: "producer")
        // Known from now on, so that no new queue is announced later.
        try await producer.broker.setPaused(false, queue: "default")
    }

    /// A worker that found nothing and left its channel.
    private final class Idler: Sendable {
        let station: Station
        private let rings = Mutex(0)
        private let subscription = Mutex<Subscription?>(nil)

        var heard: Int { rings.withLock { $0 } }

        init(_ url: String, _ name: String, tasks: Set<String> = ["work"]) async throws {
            station = try Station(url, as: name)
            subscription.withLock { [self] in
                $0 = station.broker.onWork { [weak self] in self?.rings.withLock { $0 += 1 } }
            }
            // The first ring says that from now on it can be told.
            try await eventually("the worker listens") { heard > 0 }
            #expect(try await station.claim(tasks: tasks).isEmpty)
            rings.withLock { $0 = 0 }
        }
    }

    private func idlers(_ count: Int) async throws -> [Idler] {
        var idlers: [Idler] = []
        for number in 0..<count { idlers.append(try await Idler(server.url, "idle-\(number)")) }
        return idlers
    }

    /// How many messages were published so far.
    private func published() async throws -> Int {
        let line = try await server.cli("INFO", "commandstats").split(separator: "\n")
            .first { $0.hasPrefix("cmdstat_publish:") }
        return line.flatMap { Int($0.drop { $0 != "=" }.dropFirst().prefix { $0 != "," }) } ?? 0
    }

    /// The key of the only set of idle workers.
    private func idleKey() async throws -> String {
        try await server.cli("KEYS", "tq:{default}:idle:*")
    }

    @Test("is told of a task, and no more of them than there are tasks")
    func asMany() async throws {
        let idlers = try await idlers(4)
        let before = try await published()
        _ = try await producer.broker.enqueue([TaskMessage(task: "work"), TaskMessage(task: "work")])
        #expect(try await published() - before == 2)
        try await eventually("two hear of it") { idlers.filter { $0.heard > 0 }.count == 2 }
        #expect(try await server.cli("ZCARD", idleKey()) == "2")
        _ = try await producer.broker.enqueue((0..<9).map { _ in TaskMessage(task: "work") })
        try await eventually("all have heard") { idlers.allSatisfy { $0.heard == 1 } }
        #expect(try await published() - before == 4)
    }

    @Test("is found behind channels where nobody listens any more")
    func deadChannels() async throws {
        let idler = try await Idler(server.url, "idle")
        let key = try await idleKey()
        let now = try #require(Int(try await server.cli("TIME").prefix { $0 != "\n" })) * 1000
        // The last to have asked would be told first.
        for number in 1...3 { try await server.cli("ZADD", key, "\(now + 5000 + number)", "tq:wake:dead\(number)") }
        try await producer.enqueue()
        try await eventually("it hears of it") { idler.heard == 1 }
        #expect(try await server.cli("EXISTS", key) == "0")
    }

    @Test("that has not asked for long is taken for gone")
    func longSilent() async throws {
        let idler = try await Idler(server.url, "idle")
        let key = try await idleKey()
        let channel = try await server.cli("ZRANGE", key, "0", "0")
        try await server.cli("ZADD", key, "1", channel)
        let before = try await published()
        try await producer.enqueue()
        #expect(try await published() == before)
        #expect(try await server.cli("EXISTS", key, "tq:{default}:knowledge") == "0")
        #expect(try await idler.station.claim().count == 1)
    }

    @Test("is not told of tasks that it does not know")
    func unknown() async throws {
        let idler = try await Idler(server.url, "idle", tasks: ["other", "wor", "workshop"])
        let before = try await published()
        try await producer.enqueue()
        #expect(try await published() == before)
        try await producer.enqueue("workshop")
        try await eventually("it hears of its own") { idler.heard == 1 }
    }

    @Test("that got all it wanted is left alone until it asks for more")
    func busy() async throws {
        let idler = try await Idler(server.url, "idle")
        for _ in 0..<3 { try await producer.enqueue() }
        #expect(try await idler.station.claim(2).count == 2)
        let before = try await published()
        try await producer.enqueue()
        #expect(try await published() == before)
        #expect(try await idler.station.claim(9).count == 2)
        try await producer.enqueue()
        #expect(try await published() == before + 1)
    }

    @Test("is told of what was handed back, resumed, recovered or released")
    func comesBack() async throws {
        let idler = try await Idler(server.url, "idle")
        let holder = try Station(server.url, as: "holder")
        try await producer.enqueue()
        try await eventually("it hears of the task") { idler.heard == 1 }
        let held = try await holder.claim()
        #expect(try await idler.station.claim().isEmpty)
        _ = try await holder.exchange([Settlement(held[0], .handBack)])
        try await eventually("it hears of what was handed back") { idler.heard == 2 }

        _ = try await holder.claim()
        #expect(try await idler.station.claim().isEmpty)
        try await holder.broker.release(holder.lease)
        try await eventually("it hears of what was released") { idler.heard == 3 }

        _ = try await holder.claim()
        #expect(try await idler.station.claim().isEmpty)
        try await server.cli("ZADD", "tq:{default}:workers", "1", "holder")
        #expect(try await producer.broker.recover().reclaimed.count == 1)
        try await eventually("it hears of what was recovered") { idler.heard == 4 }

        try await producer.broker.setPaused(true, queue: "default")
        #expect(try await idler.station.claim().isEmpty)
        try await producer.broker.setPaused(false, queue: "default")
        try await eventually("it hears of what was resumed") { idler.heard == 5 }
        #expect(try await idler.station.claim().count == 1)
    }

    @Test("learns when a delayed task falls due, as soon as it was submitted")
    func delayed() async throws {
        let idler = try await Idler(server.url, "idle")
        try await producer.enqueue { $0.notBefore = .after(.seconds(60)) }
        try await eventually("it hears of it") { idler.heard == 1 }
        let exchange = try await idler.station.exchange(claiming: 1)
        let due = try #require(exchange.nextDue)
        #expect(due > exchange.now && due <= exchange.now + .seconds(60))
    }

    @Test("learns when a task that was put off falls due, and what fell due in a queue that is resumed")
    func putOff() async throws {
        try await producer.enqueue()
        let other = try Station(server.url, as: "other")
        let held = try #require(try await other.claim().first)
        let idler = try await Idler(server.url, "idle")
        _ = try await other.broker.exchange(
            [Settlement(held, .snooze(.seconds(60)))], claiming: nil, as: other.lease)
        try await eventually("it hears of it") { idler.heard == 1 }
        #expect(try await idler.station.exchange(claiming: 1).nextDue != nil)
        try await producer.broker.setPaused(true, queue: "default")
        #expect(try await idler.station.claim().isEmpty)
        try await producer.broker.setPaused(false, queue: "default")
        try await eventually("it hears of what was resumed") { idler.heard == 2 }
    }

    @Test("is served from more queues than one call can number")
    func manyQueues() async throws {
        let station = try Station(server.url, prefix: "many")
        let messages = (0..<300).map { TaskMessage(task: "work", queue: "tenant-\($0)") }
        #expect(try await station.broker.enqueue(messages).allSatisfy { $0.id != nil })
        let claimed = try await station.broker.exchange(
            [], claiming: Claim(count: 1000, tasks: ["work"], queues: nil), as: station.lease
        ).deliveries
        #expect(Set(claimed.map(\.queue)).count == 300)
    }

    @Test("does not ask again and again for what is due in a paused queue, and is served from others")
    func paused() async throws {
        let clock = ManualClock()
        let station = try Station(server.url, prefix: "own", clock: clock)
        try await station.enqueue(queue: "a") { $0.notBefore = .after(.seconds(5)) }
        try await station.enqueue(queue: "a")
        let second = try await station.enqueue(queue: "b")
        let third = try await station.enqueue(queue: "b") { $0.notBefore = .after(.seconds(60)) }
        try await station.broker.setPaused(true, queue: "a")
        clock.advance(by: .seconds(6))
        let first = try await station.exchange(claiming: 9)
        #expect(first.deliveries.map(\.id) == [second])
        #expect(first.nextDue == clock.now + .seconds(54))
        // Nor for what falls due in a queue that it was told to leave.
        #expect(try await station.exchange(claiming: 9, queues: ["a"]).nextDue == nil)
        clock.advance(by: .seconds(54))
        #expect(try await station.claim().map(\.id) == [third])
        try await station.broker.setPaused(false, queue: "a")
        #expect(try await station.claim().count == 2)
    }

    @Test("of a task's end hears whoever waits for it, and nothing is published otherwise")
    func waiters() async throws {
        let quiet = try await producer.enqueue()
        let awaited = try await producer.enqueue()
        let worker = try Station(server.url)
        let held = try await worker.claim()
        let other = try Station(server.url, as: "other")
        let both = Mutex([0, 0])
        let subscriptions = [
            producer.results.onResult(of: [awaited]) { both.withLock { $0[0] += 1 } },
            other.results.onResult(of: [awaited]) { both.withLock { $0[1] += 1 } },
        ]
        defer { for subscription in subscriptions { subscription.end() } }
        // Each is rung once when the server knows that it waits.
        try await eventually("the server knows who waits") { both.withLock { $0 == [1, 1] } }
        let before = try await published()
        _ = try await worker.exchange(worker.successes(held.filter { $0.id == quiet }))
        #expect(try await published() == before)
        _ = try await worker.exchange(worker.successes(held.filter { $0.id == awaited }))
        #expect(try await published() == before + 2)
        try await eventually("both are told") { both.withLock { $0 == [2, 2] } }
        #expect(try await server.cli("EXISTS", "tq:{default}:waiters") == "0")
    }
}
