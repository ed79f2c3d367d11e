import ArgumentParser
import Embedded
import Foundation
import Logging
import TaskQueue

/// Measures the safe path: every task accepted, claimed under a lease, run, recorded and settled.
@main
struct Benchmarks: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measures TaskQueue.",
        subcommands: [
            Everything.self, Drain.self, SQLiteWorker.self, RedisEnqueue.self, RedisDrain.self, RedisPickup.self,
            RedisWorker.self, RedisClientRate.self, FleetLoad.self, PostgresStore.self, PostgresMillions.self,
            PostgresFlow.self,
        ], defaultSubcommand: Everything.self)
}

/// Repeats one figure, for a profiler.
struct Drain: AsyncParsableCommand {
    @Argument var driver: Driver

    func run() async throws {
        say("yardstick (fixed JSON loop): \(Everything.yardstick()) /s")
        try await Everything.drain(driver)
    }
}

/// The other process of the pickup measurement.
struct SQLiteWorker: AsyncParsableCommand {
    @Argument var path: String

    func run() async throws {
        try await PickupLatency.work(path)
    }
}

/// All that needs no server.
struct Everything: AsyncParsableCommand {
    func run() async throws {
        say(
            "machine: \(ProcessInfo.processInfo.activeProcessorCount) cores; "
                + "yardstick (fixed JSON loop): \(Self.yardstick()) /s")
        for driver in Driver.allCases { try await Self.drain(driver) }
        for driver in Driver.allCases { try await Self.enqueue(driver) }
        try await PickupLatency.measure()
        try TaskCost.report()
    }

    /// A fixed piece of work, so that figures of different days and machines can be compared.
    static func yardstick() -> Int {
        let decoder = JSONDecoder()
        let data = Data(#"{"number":1,"text":"abcdefghijklmnopqrstuvwxyz","list":[1,2,3]}"#.utf8)
        struct Sample: Decodable { let number: Int, text: String, list: [Int] }
        return rate(20_000) { for _ in 0..<20_000 { _ = try? decoder.decode(Sample.self, from: data) } }
    }

    static func rate(_ count: Int, _ body: () -> Void) -> Int {
        let start = ContinuousClock.now
        body()
        return Int(Double(count) / (ContinuousClock.now - start).inSeconds)
    }

    static func drain(_ driver: Driver) async throws {
        let count = driver == .memory ? 300_000 : 100_000
        var rates: [Int] = []
        for _ in 0..<3 {
            let stores = try driver.open()
            let client = TaskClient(broker: stores.broker, results: stores.results)
            for _ in 0..<count / 1000 {
                _ = try await client.enqueue(NoOp.self, all: [NoOp.Input](repeating: .init(), count: 1000))
            }
            let finished = Countdown(count)
            var registry = TaskRegistry()
            registry.register(NoOp(finished: finished))
            let worker = Worker(
                broker: stores.broker, results: stores.results, registry: registry,
                configuration: WorkerConfiguration(), logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() })
            let start = ContinuousClock.now
            async let running: Void = worker.run()
            await finished.wait()
            worker.drain()
            // The drain settles the last batch, so its time counts.
            await running
            let seconds = (ContinuousClock.now - start).inSeconds
            rates.append(Int(Double(count) / seconds))
            let left = try await stores.broker.queues().reduce(0) { $0 + $1.ready + $1.processing }
            precondition(left == 0, "\(left) tasks were left")
        }
        say("drain    \(driver): \(rates.sorted()[1]) tasks/s acknowledged and recorded (of \(rates))")
    }

    private static func enqueue(_ driver: Driver) async throws {
        let stores = try driver.open()
        let client = TaskClient(broker: stores.broker, results: stores.results)
        let start = ContinuousClock.now
        for _ in 0..<100 {
            _ = try await client.enqueue(NoOp.self, all: [NoOp.Input](repeating: .init(), count: 1000))
        }
        let bulk = Int(100_000 / (ContinuousClock.now - start).inSeconds)
        let single = ContinuousClock.now
        for _ in 0..<5000 { try await client.enqueue(NoOp.self, .init()) }
        let each = Int(5000 / (ContinuousClock.now - single).inSeconds)
        say("enqueue  \(driver): \(bulk)/s in bulk (1,000 a call), \(each)/s one awaited call at a time")
    }
}

/// What is measured over.
enum Driver: String, CaseIterable, ExpressibleByArgument {
    case memory
    case sqlite

    struct Stores {
        let broker: any TaskBroker
        let results: any ResultStore
    }

    func open() throws -> Stores {
        switch self {
        case .memory: return Stores(broker: MemoryBroker(), results: MemoryResultStore())
        case .sqlite:
            let file = try SQLiteFile(path: Scratch.path("bench-\(UUID().uuidString).sqlite"))
            return Stores(broker: SQLiteBroker(file, recordsOutcomes: true), results: SQLiteResultStore(file))
        }
    }
}

enum Scratch {
    static func path(_ name: String) -> String {
        FileManager.default.temporaryDirectory.appending(path: name).path
    }
}

/// Prints a line at once, even into a file.
func say(_ text: String) {
    FileHandle.standardOutput.write(Data((text + "\n").utf8))
}
