import Foundation
import GRDB
import TaskQueue

/// Final records in tables, within one transaction.
enum SQLiteResults {
    /// Writes a record unless the task already has one.
    static func record(_ record: TaskRecord, _ db: Database, at now: Timestamp) throws -> Bool {
        let finished = record.finishedAt ?? now
        try db.run(
            """
            INSERT OR IGNORE INTO results (id, task, queue, state, attempt, max_attempts, enqueued_ms, started_ms,
                finished_ms, worker, fence, result, failure, history, expires_ms)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                record.id.blob, record.task, record.queue, record.state.rawValue, record.attempt, record.maxAttempts,
                record.enqueuedAt.rawValue, record.startedAt?.rawValue, finished.rawValue, record.worker, record.fence,
                record.result.map { Data($0) }, try Database.json(record.failure), try Database.json(record.history),
                (finished + record.retention).rawValue,
            ])
        return db.changesCount > 0
    }

    static func fetch(_ ids: [TaskID], _ db: Database, at now: Timestamp) throws -> [TaskID: TaskRecord] {
        try ids.reduce(into: [:]) { found, id in
            found[id] = try db.row("SELECT * FROM results WHERE id = ? AND expires_ms > ?", [id.blob, now.rawValue])
                .map(record)
        }
    }

    static func list(_ filter: TaskFilter, _ db: Database, at now: Timestamp) throws -> [TaskRecord] {
        let state: String? = filter.state.map { $0.rawValue }
        return try db.rows(
            """
            SELECT * FROM results WHERE expires_ms > ?1 AND (?2 IS NULL OR state = ?2) AND (?3 IS NULL OR task = ?3)
                AND (?4 IS NULL OR queue = ?4) AND (?5 IS NULL OR enqueued_ms >= ?5) AND (?6 IS NULL OR id < ?6)
                AND (?7 IS NULL OR worker = ?7)
            ORDER BY id DESC LIMIT ?8
            """,
            [
                now.rawValue, state, filter.task, filter.queue, filter.since?.rawValue, filter.before?.blob,
                filter.worker, filter.limit,
            ]
        ).map(record)
    }

    static func prune(_ db: Database, at now: Timestamp) throws -> Int {
        try db.run(
            "DELETE FROM results WHERE id IN (SELECT id FROM results WHERE expires_ms <= ? LIMIT \(prunedMax))",
            [now.rawValue])
        return db.changesCount
    }

    /// The most that one transaction removes.
    static let prunedMax = 10_000

    private static func record(_ row: Row) throws -> TaskRecord {
        guard let state = TaskState(rawValue: row["state"]), let enqueuedAt = row.time("enqueued_ms") else {
            throw StoreError(.incompatible, "a result row holds an unknown state; the file is damaged or newer")
        }
        var record = TaskRecord(
            id: try row.id("id"), task: row["task"], queue: row["queue"], state: state, enqueuedAt: enqueuedAt)
        record.attempt = row["attempt"]
        record.maxAttempts = row["max_attempts"]
        record.startedAt = row.time("started_ms")
        record.finishedAt = row.time("finished_ms")
        record.worker = row["worker"]
        record.fence = row["fence"]
        record.result = row.bytes("result")
        record.failure = row.json("failure", as: TaskFailure.self)
        record.history = row.json("history", as: [AttemptRecord].self) ?? []
        if let expires = row.time("expires_ms"), let finished = record.finishedAt {
            record.retention = expires - finished
        }
        return record
    }
}
