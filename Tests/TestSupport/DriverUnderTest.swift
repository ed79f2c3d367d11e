import Broker
import Embedded
import Logging
import Postgres
import Redis
import Results
package import TaskQueue

/// The drivers that every contract is run over.
///
/// A new driver is a new case.
package enum DriverUnderTest: String, CaseIterable, Sendable {
    case memory
    case sqlite
    case redis
    /// Tasks in Redis, results in PostgreSQL.
    case postgres

    /// Those whose brokers differ.
    package static let brokers = allCases.filter { $0 != .postgres }

    /// Whether the store removes records by itself when their retention ends, by its own clock.
    package var prunesByItself: Bool { self == .redis }

    /// A fresh broker and result store, on a manual clock or on the machine's own.
    package func make(limits: BrokerLimits = BrokerLimits(), isReal: Bool = false) async throws -> Bench {
        let clock = ManualClock(isReal: isReal)
        switch self {
        case .memory:
            let broker = MemoryBroker(limits: limits, clock: clock.clock)
            return Bench(
                broker: broker, results: MemoryResultStore(clock: clock.clock), clock: clock, folder: nil,
                loseClaims: {
                    broker.tamper { $0.loseHolders() }
                },
                loseTask: { id in broker.tamper { $0.loseTask(id) } })
        case .sqlite:
            let folder = try TemporaryFolder()
            let file = try SQLiteFile(path: folder.path("queue.sqlite"), clock: clock.clock)
            let broker = SQLiteBroker(file, recordsOutcomes: true, limits: limits)
            return Bench(
                broker: broker, results: SQLiteResultStore(file), clock: clock, folder: folder,
                loseClaims: {
                    try await broker.tamper("DELETE FROM workers")
                },
                loseTask: { id in
                    let hex = id.description.filter { $0 != "-" }
                    try await broker.tamper("DELETE FROM tasks WHERE id = x'\(hex)'")
                })
        case .redis, .postgres:
            let client = try await SharedRedis.client()
            // Everyone shares a server and has keys of their own.
            let prefix = "tq-\(UInt64.random(in: .min ... .max))"
            let own = isReal ? nil : clock.clock
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let broker = RedisBroker(
                client, recordsOutcomes: self == .redis, prefix: prefix, limits: limits, clock: own, logger: logger)
            let results: any ResultStore =
                self == .redis
                ? RedisResultStore(client, prefix: prefix, clock: own, logger: logger)
                : PostgresResultStore(
                    PostgresPool(try await SharedPostgres.migrated(), logger: logger), clock: own, logger: logger)
            return Bench(
                broker: broker, results: results, clock: clock, folder: nil,
                loseClaims: { try await broker.tamper("DEL", ":workers", of: "default") },
                loseTask: { id in try await broker.tamper("HDEL", ":tasks", of: "default", id) })
        }
    }
}

/// A broker with its result store, a clock to move, and ways to damage the books.
package struct Bench: Sendable {
    package let broker: any TaskBroker
    package let results: any ResultStore
    package let clock: ManualClock
    let folder: TemporaryFolder?
    /// Forgets every worker but leaves what it held marked as claimed.
    package let loseClaims: @Sendable () async throws -> Void
    /// Forgets a task but leaves its place in the queue.
    package let loseTask: @Sendable (TaskID) async throws -> Void

    package let worker = WorkerLease(worker: "worker-a", duration: .seconds(10))
    package let other = WorkerLease(worker: "worker-b", duration: .seconds(10))

    /// Enqueues a message and returns its id.
    @discardableResult
    package func enqueue(
        _ task: String = "work", queue: String = "default", priority: Int = 5,
        _ change: (inout TaskMessage) -> Void = { _ in }
    ) async throws -> TaskID {
        var message = TaskMessage(task: task, queue: queue, payload: Array("{}".utf8))
        message.priority = QueuePriority(priority) ?? .normal
        change(&message)
        _ = try await broker.enqueue([message])
        return message.id
    }

    /// Claims up to `count` tasks for a worker.
    package func claim(
        _ count: Int = 100, tasks: Set<String> = ["work"], queues: Set<String>? = nil, as lease: WorkerLease? = nil
    ) async throws -> [Delivery] {
        try await broker.exchange([], claiming: Claim(count: count, tasks: tasks, queues: queues), as: lease ?? worker)
            .deliveries
    }

    /// Settles a delivery; true if the broker accepted it.
    package func settle(
        _ delivery: Delivery, _ verdict: Settlement.Verdict, as lease: WorkerLease? = nil
    ) async throws -> Bool {
        if case .finish(let record) = verdict, !broker.recordsOutcomes { _ = try await results.record([record]) }
        let settlement = Settlement(delivery, verdict)
        return try await broker.exchange([settlement], claiming: nil, as: lease ?? worker).lost.isEmpty
    }

    /// Settles a delivery in a final state.
    package func finish(
        _ delivery: Delivery, _ state: TaskState = .success, as lease: WorkerLease? = nil
    ) async throws -> Bool {
        let who = lease ?? worker
        var record = TaskRecord(settling: delivery, as: state, at: clock.now, worker: who.worker)
        if state == .success { record.result = Array("true".utf8) } else { record.failure = TaskFailure(.failed, "no") }
        return try await settle(delivery, .finish(record), as: who)
    }

    /// The state a client would be told.
    package func state(of id: TaskID) async throws -> TaskState? {
        try await TaskClient(broker: broker, results: results).status(id)?.state
    }
}
