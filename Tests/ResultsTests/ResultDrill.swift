import Broker
import Logging
import Postgres
import Redis
import Results
import Synchronization
import TaskQueue
import TestSupport
import Testing

/// Work under way, submitted and done all the time, while something happens to the result store.
final class ResultDrill: Sendable {
    private struct State {
        var accepted: [TaskID] = []
        var runs: [TaskID: Int] = [:]
        var isOver = false
    }

    private let state = Mutex(State())
    private let broker: RedisBroker
    private let results: PostgresResultStore
    /// Told of what the worker remarks.
    let log = LogBook()

    /// - Parameter uri: Where the worker records; the schema is made first.
    init(_ uri: String, change: (inout PostgresConfiguration) -> Void = { _ in }) async throws {
        var configuration = try PostgresConfiguration(uri: uri)
        configuration.timeout = .seconds(2)
        configuration.connectTimeout = .seconds(2)
        change(&configuration)
        _ = try ResultSchema.migrations.migrate(on: PostgresConnection(configuration))
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        results = PostgresResultStore(PostgresPool(configuration, logger: quiet), logger: quiet)
        broker = RedisBroker(
            try await SharedRedis.client(), recordsOutcomes: false, prefix: "tq-\(UInt64.random(in: .min ... .max))",
            logger: quiet)
        _ = try await results.preflight()
    }

    private func worker() -> Worker {
        var registry = TaskRegistry()
        registry.register(
            Scripted { [self] _, context in
                let run = state.withLock { state in
                    state.runs[context.message.id, default: 0] += 1
                    return state.runs[context.message.id] ?? 0
                }
                // Every tenth fails at first, so that timelines have a middle.
                if context.message.id.low.isMultiple(of: 10), context.attempt == 1, run == 1 {
                    throw Snag()
                }
            })
        return Worker(
            broker: broker, results: results, registry: registry, configuration: WorkerConfiguration(),
            logger: log.logger())
    }

    private struct Snag: Error {}

    /// How many tasks ran so far.
    var started: Int { state.withLock { $0.runs.count } }

    /// Brings work into flow, lets the fault happen and heal, and sees that work flows again and nothing is lost.
    func survive(_ fault: String, _ body: (Worker) async throws -> Void) async throws {
        let worker = worker()
        try await worker.run {
            let submitting = Task { try await submit() }
            defer { submitting.cancel() }
            try await eventually("work flows") { started > 200 }
            try await body(worker)
            let (healed, before) = (ContinuousClock.now, started)
            try await eventually("work flows again") { started > before }
            print("recovery: \(fault): \(healed.duration(to: .now).wholeMilliseconds) ms until work flowed again")
            try await eventually("work goes on flowing") { started > before + 500 }
            state.withLock { $0.isOver = true }
            try await submitting.value
            try await eventually("everything has ended") { try await left() == 0 }
        }
        try await check(fault)
    }

    /// Whether the worker holds outcomes that it can't record.
    func isStuck(_ worker: Worker) -> Bool {
        worker.health.resultTrouble != nil && worker.health.unreadiness != nil
    }

    private func submit() async throws {
        while !state.withLock(\.isOver) {
            // More than the worker may hold, but not without end.
            if try await left() < 10_000 {
                let messages = (0..<50).map { _ in
                    TaskMessage(task: Scripted.name, payload: Array(#"{"text":""}"#.utf8))
                }
                let ids = try await broker.enqueue(messages).compactMap(\.id)
                state.withLock { $0.accepted += ids }
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    private func left() async throws -> Int {
        try await broker.queues().reduce(0) { $0 + $1.ready + $1.scheduled + $1.processing }
    }

    /// Every task accepted has one final record, with a timeline without gaps.
    private func check(_ fault: String) async throws {
        let (accepted, runs) = state.withLock { ($0.accepted, $0.runs) }
        let counts = try await results.pool.execute(
            "SELECT count(*)::int8, count(DISTINCT id)::int8 FROM taskqueue_results")[0]
        #expect(try counts.int8(0) == Int64(accepted.count) && counts.int8(1) == Int64(accepted.count))
        let records = try await results.fetch(accepted)
        let lost = accepted.filter { records[$0]?.state != .success }
        #expect(lost.isEmpty)
        for record in records.values {
            let events = record.timeline
            #expect(events.count == 2 * record.attempt + 1 && record.history.count == record.attempt - 1)
            #expect(events.map(\.at) == events.map(\.at).sorted())
        }
        let again = runs.reduce(0) { $0 + $1.value - (records[$1.key]?.attempt ?? 1) }
        print("recovery: \(fault): \(accepted.count) tasks, lost \(lost.count), run again \(again)")
    }
}
