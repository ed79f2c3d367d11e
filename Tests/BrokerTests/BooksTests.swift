import Redis
import TaskQueue
import TestSupport
import Testing

@Suite("The books on Redis", .timeLimit(.minutes(1)))
struct BooksTests {
    @Test("take calls of more ids than Lua's stack holds")
    func manyIDs() async throws {
        let station = try await Station.shared()
        let count = 9001
        let messages = (0..<count).map { number in
            var message = TaskMessage(task: "work")
            if number % 3 == 0 { message.notBefore = .after(.milliseconds(1)) }
            return message
        }
        let receipts = try await station.broker.enqueue(messages)
        #expect(receipts.allSatisfy { if case .accepted = $0 { true } else { false } })
        #expect(try await station.broker.enqueue(messages) == messages.map { .duplicate(of: $0.id) })
        #expect(try await station.broker.fetch(messages.map(\.id)).count == count)
        var held: [Delivery] = []
        // What falls due is made ready a thousand at a time.
        while held.count < count { held += try await station.claim(count) }
        #expect(Set(held.map(\.id)) == Set(messages.map(\.id)))
        let half = held.prefix(5000)
        let verdicts = station.successes(Array(half)) + held.dropFirst(5000).map { Settlement($0, .handBack) }
        #expect(try await station.exchange(verdicts).lost.isEmpty)
        #expect(try await station.exchange(verdicts).lost == Set(held.map(\.id)))
        let left = held.dropFirst(5000).map(\.id).sorted()
        #expect(try await station.claim(count).map(\.id) == left)
        try await station.broker.release(station.lease)
        let cancelled = try await station.broker.cancel(left, as: station.lease)
        #expect(cancelled.allSatisfy { if case .claimed = $0 { true } else { false } })
        #expect(try await station.results.fetch(messages.map(\.id)).count == 5000)
    }

    @Test("hand out many queues and tasks in one order, whatever the size of a claim")
    func merged() async throws {
        let station = try await Station.shared()
        var generator = SeededGenerator(seed: 7)
        var expected: [(priority: Int, id: TaskID)] = []
        for _ in 0..<300 {
            let priority = [2, 5, 9].randomElement(using: &generator) ?? 5
            let task = ["a", "b", "c"].randomElement(using: &generator) ?? "a"
            let queue = ["x", "y", "z"].randomElement(using: &generator) ?? "x"
            let id = try await station.enqueue(task, queue: queue) {
                $0.priority = QueuePriority(priority) ?? .normal
            }
            expected.append((priority, id))
        }
        expected.sort { ($1.priority, $0.id) < ($0.priority, $1.id) }
        var order: [TaskID] = []
        while order.count < 300 {
            let size = Int.random(in: 1...40, using: &generator)
            let held = try await station.claim(size, tasks: ["a", "b", "c"])
            #expect(held.count == min(size, 300 - order.count))
            order += held.map(\.id)
        }
        #expect(order == expected.map(\.id))
    }

    @Test("refuse what is over a queue's length, and only that")
    func full() async throws {
        let station = try await Station.shared(limits: BrokerLimits(queueLengthMax: 3))
        let here = (0..<5).map { _ in TaskMessage(task: "work") }
        let there = TaskMessage(task: "work", queue: "b")
        let refused = EnqueueReceipt.refused(.queueFull(queue: "default", limit: 3))
        // A duplicate needs no room.
        let receipts = try await station.broker.enqueue([here[0], here[0], here[1], here[2], here[3], there, here[4]])
        #expect(
            receipts == [
                .accepted(here[0].id), .duplicate(of: here[0].id), .accepted(here[1].id), .accepted(here[2].id),
                refused, .accepted(there.id), refused,
            ])
        // What runs does not wait; what comes back may make the queue longer than that.
        let held = try await station.claim(2, queues: ["default"])
        #expect(try await station.broker.enqueue([here[3]]) == [.accepted(here[3].id)])
        _ = try await station.exchange(held.map { Settlement($0, .handBack) })
        #expect(try await station.broker.enqueue([here[4]]) == [refused])
        #expect(try await station.live() == 5)
    }

    @Test(
        "keep tasks of any name",
        arguments: [
            "{x}", "}", "a}b{c", "%7D", "a b", "a:b", ":tasks", "*?[a]\\^", "🐟 крыша", "\u{1}\n\t", "\"';--",
        ])
    func names(_ name: String) async throws {
        let station = try await Station.shared()
        let id = try await station.enqueue(name, queue: name) {
            $0.uniqueKey = name
            $0.headers = [name: name]
        }
        try await station.enqueue("other", queue: name)
        let second = try await station.enqueue(name, queue: name) { $0.uniqueKey = name }
        #expect(try await station.client.status(second) == nil)
        #expect(try await station.broker.queues().map(\.queue) == [name])
        let held = try await station.claim(tasks: [name], queues: [name])
        #expect(held.map(\.id) == [id])
        #expect(held.first?.task == name && held.first?.queue == name)
        _ = try await station.exchange(station.successes(held))
        #expect(try await station.results.list(TaskFilter()).map(\.id) == [id])
        #expect(try await station.broker.purge(name) == 1)
        #expect(try await station.live() == 0)
    }

    @Test("of two queues with names alike never mix")
    func alike() async throws {
        let station = try await Station.shared()
        let names = ["a", "a}", "a%7D", "{a}", "a:tasks", "a ", "A"]
        for name in names { try await station.enqueue(queue: name) }
        for name in names {
            let held = try await station.claim(queues: [name])
            #expect(held.map(\.queue) == [name])
            _ = try await station.exchange(station.successes(held))
            var filter = TaskFilter()
            filter.queue = name
            #expect(try await station.results.list(filter).map(\.id) == held.map(\.id))
        }
    }

    @Test("refuse a task without a name")
    func nameless() async throws {
        let station = try await Station.shared()
        await #expect(throws: StoreError(.invalidRequest, "")) { try await station.enqueue("") }
    }

    @Test("keep a result no longer than was asked, however short or long that is")
    func retention() async throws {
        let station = try await Station.shared()
        let retentions: [Duration] = [.zero, .microseconds(900), .milliseconds(1), .seconds(1000), .seconds(Int64.max)]
        for _ in retentions { try await station.enqueue() }
        let held = try await station.claim()
        for byResultStore in [false, true] {
            let settlements = zip(held, retentions).flatMap { station.successes([$0], retention: $1) }
            if byResultStore {
                for id in held.map(\.id) { try await station.send("DEL", station.resultKey(of: id)) }
                let records = settlements.compactMap { settlement in
                    if case .finish(let record) = settlement.verdict { record } else { nil }
                }
                #expect(try await station.results.record(records) == [false, false, true, true, true])
            } else {
                #expect(try await station.exchange(settlements).lost.isEmpty)
            }
            var left: [Int64] = []
            for id in held.map(\.id).suffix(2) {
                left.append(try #require(try await station.send("PTTL", station.resultKey(of: id)).integer))
            }
            #expect((1...1_000_000).contains(left[0]) && left[1] > 1 << 46)
            try await eventually("the short ones are gone") {
                try await station.results.fetch(held.map(\.id)).count == 2
            }
        }
    }
}
