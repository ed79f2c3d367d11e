import ArgumentParser
import Foundation
import Logging
import Postgres
import Results
import TaskQueue

/// The result store alone, fed by a bare loop, beside `COPY` of the same rows over one connection.
struct PostgresStore: AsyncParsableCommand {
    @Option var postgres: String
    @Option var rows = 200_000
    @Option(help: "Records a call.") var batch = 2000
    @Option(help: "Calls under way at the same time.") var callers = 2
    @Option var rounds = 3

    private static let columns = 15

    func run() async throws {
        let configuration = try PostgresConfiguration(uri: postgres)
        let connection = try PostgresConnection(configuration)
        connection.deadline = .now + .seconds(3600)
        _ = try ResultSchema.migrations.migrate(on: connection)
        let store = PostgresResultStore(
            PostgresPool(configuration, logger: RedisConnectionOptions.logger), logger: RedisConnectionOptions.logger)
        _ = try await store.preflight()
        try connection.script(
            """
            DROP TABLE IF EXISTS copied, heap;
            CREATE TABLE copied (LIKE taskqueue_results INCLUDING ALL);
            CREATE TABLE heap (LIKE taskqueue_results)
            """)
        var rates: [String: [Double]] = [:]
        for _ in 0..<rounds {
            try connection.script("TRUNCATE copied, heap; TRUNCATE taskqueue_results; CHECKPOINT")
            let records = (0..<rows).map { _ in Self.record() }
            let copy = Self.copy(records)
            rates["COPY into the same table", default: []].append(
                try Self.rate(rows) { try connection.copy(into: "copied (\(Self.names))", copy) })
            try connection.script("CHECKPOINT")
            rates["COPY into a heap without indexes", default: []].append(
                try Self.rate(rows) { try connection.copy(into: "heap (\(Self.names))", copy) })
            try connection.script("CHECKPOINT")
            let start = ContinuousClock.now
            try await feed(records, store)
            rates["the store", default: []].append(Double(rows) / (ContinuousClock.now - start).inSeconds)
            let kept = try connection.execute("SELECT count(*) FROM taskqueue_results")[0].int8(0)
            precondition(kept == Int64(rows), "\(kept) of \(rows) records are there")
        }
        let median = rates.mapValues { $0.sorted()[$0.count / 2] }
        for (name, rate) in median.sorted(by: { $0.key < $1.key }) {
            let ratio = rate > 0 ? (median["the store"] ?? 0) / rate : 0
            say("\(name): \(Int(rate)) rows/s (of \(rates[name]?.map { Int($0) } ?? [])); the store is \(ratio) of it")
        }
    }

    private func feed(_ records: [TaskRecord], _ store: PostgresResultStore) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<callers {
                group.addTask {
                    for first in stride(from: caller * batch, to: records.count, by: callers * batch) {
                        let written = try await store.record(Array(records[first..<min(first + batch, records.count)]))
                        precondition(written.allSatisfy(\.self))
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private static func rate(_ rows: Int, _ body: () throws -> Int) throws -> Double {
        let start = ContinuousClock.now
        let copied = try body()
        precondition(copied == rows)
        return Double(rows) / (ContinuousClock.now - start).inSeconds
    }

    /// What a no-op task leaves.
    private static func record() -> TaskRecord {
        let now = Timestamp.now
        var record = TaskRecord(id: TaskID(), task: "noop", queue: "default", state: .success, enqueuedAt: now)
        record.attempt = 1
        record.maxAttempts = 4
        record.startedAt = now
        record.finishedAt = now
        record.worker = "worker-3f5a77c1"
        record.fence = 1
        record.result = Array("{\"done\":true}".utf8)
        return record
    }

    private static let names =
        "id, enqueued_at, started_at, finished_at, expires_at, fence, attempt, max_attempts, task, queue, state, worker, "
        + "result, error, history"

    private static func copy(_ records: [TaskRecord]) -> CopyRows {
        var rows = CopyRows(columns: columns, reserving: records.count * 250)
        for record in records {
            let end = record.finishedAt ?? record.enqueuedAt
            rows.append(
                [.uuid(record.id.high, record.id.low)]
                    + [record.enqueuedAt, end, end, end + record.retention].map {
                        .int8(PostgresTime.microseconds($0.rawValue))
                    } + [.int8(record.fence), .int4(Int32(record.attempt)), .int4(Int32(record.maxAttempts ?? 0))]
                    + [record.task, record.queue, record.state.rawValue, record.worker ?? ""].map { .text($0) }
                    + [.json(record.result ?? []), .null, .null])
        }
        return rows
    }
}
