import Testing

@testable import TaskQueue

@Suite("How long tasks take up their slots")
struct ServiceTimesTests {
    @Test("is the average of a queue's tasks")
    func average() {
        var times = ServiceTimes()
        #expect(times.means().all.isEmpty)
        for (seconds, queue) in [(1.0, "a"), (3.0, "a"), (10.0, "b"), (2.0, "a")] { times.add(seconds, of: queue) }
        let means = times.means()
        #expect(means.all == ["a": 2, "b": 10])
        #expect(means.new == ["a", "b"])
    }

    @Test("tells the first task of each queue from the others")
    func first() {
        var times = ServiceTimes()
        let early = ["a", "a"].map { times.add(1, of: $0) }
        _ = times.means()
        let late = ["a", "b"].map { times.add(1, of: $0) }
        #expect(early == [true, false] && late == [false, true])
    }

    @Test("stays known of a queue that is quiet, and is no news then")
    func quiet() {
        var times = ServiceTimes()
        times.add(1, of: "a")
        times.add(2, of: "b")
        _ = times.means()
        times.add(2, of: "b")
        let means = times.means()
        #expect(means.all == ["a": 1, "b": 2])
        #expect(means.new == ["b"])
    }

    @Test("follows a change the faster the more tasks tell of it")
    func change() throws {
        var few = ServiceTimes()
        few.add(1, of: "a")
        _ = few.means()
        var many = few
        few.add(2, of: "a")
        for _ in 0..<1000 { many.add(2, of: "a") }
        let (slow, fast) = (try #require(few.means().all["a"]), try #require(many.means().all["a"]))
        #expect(slow > 1 && slow < 1.1)
        #expect(fast > 1.9 && fast <= 2)
    }
}
