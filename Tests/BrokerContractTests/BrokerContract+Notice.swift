import TaskQueue
import TestSupport
import Testing

@Suite("Every broker tells of tasks that move", .timeLimit(.minutes(1)))
struct BrokerNoticeContract {
    @Test("whoever follows a task hears of its claim, its progress and its return", arguments: DriverUnderTest.allCases)
    func moves(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        let id = try await bench.enqueue()
        let heard = Heard()
        let subscription = bench.broker.onChange(of: [id]) { heard.ring() }
        // On a server the interest is noted by a call of its own, which rings once it is.
        if driver == .redis { await heard.next() }
        let delivery = try #require(try await bench.claim().first)
        await heard.next()
        #expect(try await bench.state(of: id) == .processing)
        _ = try await bench.broker.renew(bench.worker, progress: [id: TaskProgress(0.5)])
        await heard.next()
        #expect(try await bench.broker.fetch([id])[id]?.progress?.fraction == 0.5)
        #expect(try await bench.settle(delivery, .handBack))
        await heard.next()
        #expect(try await bench.state(of: id) == .pending)
        subscription.end()
    }

    @Test("queues count what they ever took and what became final", arguments: DriverUnderTest.allCases)
    func totals(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        for _ in 0..<3 { try await bench.enqueue() }
        for delivery in try await bench.claim(2) { #expect(try await bench.finish(delivery)) }
        let queue = try #require(try await bench.broker.queues().first { $0.queue == "default" })
        #expect(queue.accepted == 3 && queue.finished == 2 && queue.ready == 1)
    }
}

/// Counts rings; none is lost while nobody waits.
private final class Heard: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func ring() { continuation.yield() }

    func next() async {
        for await _ in stream { return }
    }
}
