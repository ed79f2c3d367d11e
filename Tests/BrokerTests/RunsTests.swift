import Redis
import TaskQueue
import TestSupport
import Testing

@testable import Broker

@Suite("Outcomes that leave nothing behind", .timeLimit(.minutes(1)))
struct RunsTests {
    /// What settles deliveries as done, without a record.
    private func gone(_ deliveries: [Delivery], _ station: Station) -> [Settlement] {
        station.successes(deliveries, retention: .zero)
    }

    @Test("are settled by thousands, each once, in whatever order they come")
    func thousands() async throws {
        let station = try await Station.shared()
        _ = try await station.broker.enqueue((0..<9001).map { _ in TaskMessage(task: "work") })
        let held = try await station.claim(9001)
        #expect(held.count == 9001)
        let settled = gone(held.shuffled(), station)
        let again = settled[100]
        #expect(try await station.exchange(settled + [again]).lost == [again.id])
        #expect(try await station.live() == 0)
        #expect(try await station.exchange(settled).lost == Set(held.map(\.id)))
        #expect(try await station.send("EXISTS", station.key(":tasks"), station.key(":claims")) == .integer(0))
    }

    @Test("are judged one by one where some were delivered before, have a key, or are somebody else's by now")
    func mixed() async throws {
        let station = try await Station.shared()
        let keyed = try await station.enqueue { $0.uniqueKey = "once" }
        for _ in 0..<3 { _ = try await station.enqueue() }
        let first = try await station.claim(1)
        #expect(first.map(\.id) == [keyed])
        let others = try await station.claim(3)
        // One comes back and is delivered again, under another fence; another is not held any more.
        _ = try await station.exchange([Settlement(others[0], .handBack)])
        let again = try await station.claim(1)
        #expect(again.map(\.fence) == [2])
        _ = try await station.exchange([Settlement(others[1], .handBack)])
        let late = [others[0], others[1]]
        let lost = try await station.exchange(gone(first + late + [others[2]] + again, station)).lost
        #expect(lost == Set(late.map(\.id)))
        #expect(try await station.claim().map(\.id) == [others[1].id])
        // The key is free.
        let next = TaskMessage(task: "work")
        var second = next
        second.uniqueKey = "once"
        #expect(try await station.broker.enqueue([second]) == [.accepted(second.id)])
    }

    @Test("of several queues go to their own")
    func queues() async throws {
        let station = try await Station.shared()
        for queue in ["a", "b", "a", "", "b"] { _ = try await station.enqueue(queue: queue) }
        let held = try await station.claim().sorted { $0.queue < $1.queue }
        #expect(held.map(\.queue) == ["", "a", "a", "b", "b"])
        #expect(try await station.exchange(gone(held, station)).lost.isEmpty)
        let finished = try await station.broker.queues().map(\.finished)
        #expect(finished.reduce(0, +) == 5 && finished.count == 3)
        #expect(try await station.live() == 0)
    }

    @Test("are told to those who wait for the tasks")
    func waiters() async throws {
        let station = try await Station.shared()
        let id = try await station.enqueue()
        let held = try await station.claim()
        let (told, continuation) = AsyncStream.makeStream(of: Void.self)
        let subscription = station.broker.onChange(of: [id]) { continuation.yield() }
        defer { subscription.end() }
        // Known to the server once it has said so.
        while try await station.send("HEXISTS", station.key(":waiters"), .bytes(id.bytes)) != .integer(1) {
            try await Task.sleep(for: .milliseconds(5))
        }
        _ = try await station.exchange(gone(held, station))
        var heard = told.makeAsyncIterator()
        _ = await heard.next()
        #expect(try await station.send("HEXISTS", station.key(":waiters"), .bytes(id.bytes)) == .integer(0))
    }
}
