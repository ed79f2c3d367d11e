import ArgumentParser
import Broker
import Foundation
import Logging
import Postgres
import Results
import Synchronization
import TaskQueue

/// A steady stream of tasks through Redis and a worker into PostgreSQL, with a line a second about both.
///
/// No-ops run here; sensor readings are run by a `worker` of the product, which the caller starts.
struct PostgresFlow: AsyncParsableCommand {
    enum Kind: String, ExpressibleByArgument { case noop, sensor }

    @OptionGroup var redis: RedisConnectionOptions
    @Option var task = Kind.sensor
    @Option var rate = 10_000
    @Option var seconds = 60
    @Option var sensors = 1000
    @Option(help: "How long to wait for what is left at the end, in seconds.") var patience = 60

    func run() async throws {
        try await redis.migrate()
        let stores = try redis.stores()
        guard let results = stores.results as? PostgresResultStore else {
            throw ValidationError("--postgres is missing")
        }
        var registry = TaskRegistry()
        // Readings are for the product's own worker, started beside this program.
        if task == .noop { registry.register(NoopTask()) }
        let worker = Worker(
            broker: stores.broker, results: results, registry: registry, configuration: WorkerConfiguration(),
            logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() })
        async let running: Void = worker.run()
        let watching = Task { try await watch(worker, stores.broker) }
        let start = ContinuousClock.now
        let sent = try await send(stores.broker)
        let lag = (ContinuousClock.now - start).inSeconds - Double(seconds)
        let emptied = try await empty(stores.broker)
        watching.cancel()
        worker.drain()
        await running
        try await report(sent, lag, emptied, results)
    }

    /// A hundredth of a second's worth at a time; what is late goes at once.
    private func send(_ broker: RedisBroker) async throws -> Int {
        let start = ContinuousClock.now
        let portion = max(1, rate / 100)
        var sent = 0
        while sent < rate * seconds {
            try await Task.sleep(until: start + .seconds(Double(sent) / Double(rate)), tolerance: .zero)
            let messages = try (sent..<sent + portion).map { try message($0) }
            let receipts = try await broker.enqueue(messages)
            precondition(receipts.allSatisfy { $0.id != nil })
            sent += portion
        }
        return sent
    }

    private func message(_ number: Int) throws -> TaskMessage {
        switch task {
        case .noop: try RedisEnqueue.kept(RivalInput(id: number))
        case .sensor:
            TaskMessage(
                task: "store_sensor_data",
                payload: Array(
                    (#"{"sensor_id":"sensor_\#(number % sensors)","sensor_type":"temperature","tank_id":"tank_"#
                        + #"\#(number % 50)","value":\#(20 + number / sensors * 7 % 5),"timestamp":"\#(Timestamp.now)"}"#)
                        .utf8))
        }
    }

    private func watch(_ worker: Worker, _ broker: RedisBroker) async throws {
        let start = ContinuousClock.now
        while !Task.isCancelled {
            try await Task.sleep(for: .seconds(1))
            let (health, left) = (worker.health, try await broker.stored(in: "default"))
            say(
                "\((ContinuousClock.now - start).components.seconds) s: \(left) with the broker, resident "
                    + "\(Self.residentMegabytes()) MB, alive \(health.deathSentence == nil), "
                    + "ready \(health.unreadiness == nil)")
        }
    }

    /// Waits until nothing is left.
    private func empty(_ broker: RedisBroker) async throws -> Double {
        let start = ContinuousClock.now
        while try await broker.stored(in: "default") > 0, ContinuousClock.now - start < .seconds(patience) {
            try await Task.sleep(for: .milliseconds(10))
        }
        return (ContinuousClock.now - start).inSeconds
    }

    private func report(_ sent: Int, _ lag: Double, _ emptied: Double, _ results: PostgresResultStore) async throws {
        let row = try await results.pool.execute(
            """
            SELECT count(*), count(DISTINCT id), count(*) FILTER (WHERE state <> 'SUCCESS'),
                percentile_cont(ARRAY[0.5, 0.99, 1]) WITHIN GROUP (
                    ORDER BY extract(epoch FROM finished_at - enqueued_at))::text,
                count(*) FILTER (WHERE finished_at - enqueued_at > interval '1 second')
            FROM taskqueue_results WHERE queue = 'default'
            """)[0]
        say(
            "sent \(sent), \(lag) s behind at the end, the rest took \(emptied) s; recorded \(try row.int8(0)), "
                + "distinct \(try row.int8(1)), not well \(try row.int8(2)); enqueued to "
                + "stored, s, p50, p99, most: \(try row.text(3)); later than 1 s: \(try row.int8(4))")
    }

    private static func residentMegabytes() -> Int {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return pages * 4096 / 1_000_000
    }
}
