import Blocking
import Foundation
import Synchronization
import TaskQueue
import TestSupport
import Testing

@Suite("A worker whose tasks burn every core", .serialized, .timeLimit(.minutes(2)))
struct StarvationTests {
    /// Takes three leases of time on a thread of the worker's pool.
    struct LongSleep: TaskHandler {
        static let name = "long_sleep"
        static let policy = TaskPolicy(place: .threads)
        let runs: Tally

        private static func block() { Thread.sleep(forTimeInterval: 3) }

        func run(_ input: Int, _ context: TaskContext) async throws -> Int {
            runs.runs.wrappingAdd(1, ordering: .relaxed)
            Self.block()
            runs.isOver.store(true, ordering: .releasing)
            return input
        }
    }

    /// Never suspends, so that nothing else gets a thread of the cooperative pool.
    struct Burn: TaskHandler {
        static let name = "burn"
        let runs: Tally

        func run(_ input: Int, _ context: TaskContext) async throws -> Int {
            var spins = 0
            while !runs.isOver.load(ordering: .acquiring) { spins &+= 1 }
            return spins
        }
    }

    final class Tally: Sendable {
        let runs = Atomic(0)
        let isOver = Atomic(false)
    }

    /// A blocking pause: `Task.sleep` wakes by way of the cooperative pool, which is starved here.
    private static func pause() { Thread.sleep(forTimeInterval: 0.05) }

    @Test("keeps its lease, and its long task runs exactly once", arguments: [DriverUnderTest.sqlite, .redis])
    func keepsItsLease(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make(isReal: true)
        let tally = Tally()
        let client = TaskClient(broker: bench.broker, results: bench.results)
        let worker = makeWorker(bench, [LongSleep(runs: tally), Burn(runs: tally)]) {
            $0.leaseDuration = .seconds(1)
            $0.threads = 1
        }
        let long = try await client.enqueue(LongSleep.self, 1)
        for number in 0..<8 { try await client.enqueue(Burn.self, number) }
        // Somebody else who would take what a silent worker held, on a thread that nobody can starve.
        let thread = BlockingPool(label: "sweeper", threads: 1)
        let sweeper = Task(executorPreference: thread) {
            var lapsed: [TaskID] = []
            while !tally.isOver.load(ordering: .acquiring) {
                lapsed += try await bench.broker.recover().reclaimed
                Self.pause()
            }
            return lapsed
        }
        try await worker.run {
            let record = try await client.wait(for: long.id, atMost: .seconds(60))
            #expect(record.state == .success)
        }
        let lapsed = try await sweeper.value
        #expect(lapsed.isEmpty)
        #expect(tally.runs.load(ordering: .relaxed) == 1)
    }
}
