import Foundation
import GRDB
import TaskQueue

extension SQLiteBooks {
    private static let liveColumns = """
        SELECT t.id, l.task, l.queue, t.enqueued_ms, t.attempts, t.deliveries, t.history,
            c.worker, c.fence, c.attempt, c.claimed_ms, c.progress, s.due_ms
        FROM tasks AS t JOIN lanes AS l USING (lane)
            LEFT JOIN claims AS c ON c.id = t.id LEFT JOIN scheduled AS s ON s.id = t.id
        """

    static func fetch(_ ids: [TaskID], _ db: Database) throws -> [TaskID: TaskRecord] {
        try ids.reduce(into: [:]) { records, id in
            records[id] = try db.row(liveColumns + " WHERE t.id = ?", [id.blob]).map(record)
        }
    }

    static func list(_ filter: TaskFilter, _ db: Database) throws -> [TaskRecord] {
        let state: String? = filter.state.map { $0.rawValue }
        return try db.rows(
            """
            SELECT * FROM (\(liveColumns)) WHERE (?1 IS NULL OR ?1 =
                CASE WHEN worker IS NOT NULL THEN 'PROCESSING' WHEN attempts > 0 THEN 'RETRY' ELSE 'PENDING' END)
                AND (?2 IS NULL OR task = ?2) AND (?3 IS NULL OR queue = ?3)
                AND (?4 IS NULL OR enqueued_ms >= ?4) AND (?5 IS NULL OR id < ?5)
                AND (?6 IS NULL OR worker = ?6)
            ORDER BY id DESC LIMIT ?7
            """,
            [
                state, filter.task, filter.queue, filter.since?.rawValue, filter.before?.blob, filter.worker,
                filter.limit,
            ]
        ).map(record)
    }

    private static func record(_ row: Row) throws -> TaskRecord {
        let attempts: Int = row["attempts"]
        let worker: String? = row["worker"]
        let state: TaskState = worker != nil ? .processing : attempts > 0 ? .retry : .pending
        var record = TaskRecord(
            id: try row.id("id"), task: row["task"], queue: row["queue"], state: state,
            enqueuedAt: row.time("enqueued_ms") ?? Timestamp(rawValue: 0))
        record.attempt = row["attempt"] ?? attempts
        record.fence = row["fence"] ?? row["deliveries"]
        record.worker = worker
        record.startedAt = row.time("claimed_ms")
        record.dueAt = row.time("due_ms")
        record.progress = row.json("progress", as: TaskProgress.self)
        record.history = row.json("history", as: [AttemptRecord].self) ?? []
        return record
    }

    func cancel(_ id: TaskID, by worker: String) throws -> CancelReceipt {
        try db.run("UPDATE tasks SET cancelled = 1 WHERE id = ?", [id.blob])
        guard db.changesCount > 0 else { return .notFound }
        guard try leaveWaiting(id.blob) else { return .requested }
        guard let delivery = try deliver(id.blob, to: worker) else { return .notFound }
        // It never began and never will, so whoever asks for the same again shall have it.
        if delivery.fence == 1, let key = delivery.message.uniqueKey {
            try db.run("DELETE FROM unique_keys WHERE key = ? AND id = ?", [key, id.blob])
        }
        return .claimed(delivery)
    }

    static func queues(_ db: Database, at now: Timestamp) throws -> [QueueStatus] {
        try db.rows(
            """
            SELECT queue, paused, accepted, finished, service_seconds,
                (SELECT count(*) FROM ready JOIN lanes USING (lane) WHERE queue = q.queue) AS ready,
                (SELECT count(*) FROM scheduled JOIN tasks USING (id) JOIN lanes USING (lane) WHERE queue = q.queue)
                    AS scheduled,
                (SELECT count(*) FROM claims JOIN tasks USING (id) JOIN lanes USING (lane) WHERE queue = q.queue)
                    AS processing,
                (SELECT min(enqueued_ms) FROM (
                    SELECT (SELECT t.enqueued_ms FROM ready AS r JOIN tasks AS t USING (id)
                            WHERE r.lane = l.lane ORDER BY r.id LIMIT 1) AS enqueued_ms
                    FROM lanes AS l WHERE l.queue = q.queue)) AS oldest_ms
            FROM queues AS q ORDER BY queue
            """
        ).map { row in
            var status = QueueStatus(queue: row["queue"])
            status.ready = row["ready"]
            status.scheduled = row["scheduled"]
            status.processing = row["processing"]
            status.isPaused = row["paused"]
            status.accepted = row["accepted"]
            status.finished = row["finished"]
            status.meanService = (row["service_seconds"] as Double?).flatMap { Duration(finiteSeconds: $0) }
            status.oldestAge = row.time("oldest_ms").map { now - $0 }
            return status
        }
    }

    /// Adds to the totals of queues.
    func count(_ counts: [String: Int], as total: String) throws {
        for (queue, count) in counts {
            try db.run("UPDATE queues SET \(total) = \(total) + ? WHERE queue = ?", [count, queue])
        }
    }

    func setPaused(_ paused: Bool, queue: String) throws {
        try db.run(
            """
            INSERT INTO queues (queue, paused) VALUES (?1, ?2) ON CONFLICT (queue) DO UPDATE SET paused = ?2
            """, [queue, paused])
    }

    func purge(_ queue: String) throws -> Int {
        try db.run(
            """
            DELETE FROM tasks WHERE lane IN (SELECT lane FROM lanes WHERE queue = ?)
                AND id NOT IN (SELECT id FROM claims)
            """, [queue])
        let removed = db.changesCount
        try db.run("DELETE FROM ready WHERE lane IN (SELECT lane FROM lanes WHERE queue = ?)", [queue])
        try db.run("DELETE FROM scheduled WHERE id NOT IN (SELECT id FROM tasks)")
        return removed
    }

    static func deadLetters(_ ids: [TaskID]?, limit: Int, _ db: Database) throws -> [DeadLetter] {
        let columns = "SELECT id, task, queue, failure, died_ms, message FROM dead"
        let rows =
            try ids.map { ids in try ids.compactMap { try db.row(columns + " WHERE id = ?", [$0.blob]) } }
            ?? db.rows(columns + " ORDER BY died_ms DESC, id DESC LIMIT ?", [limit])
        return try rows.prefix(limit).map { row in
            DeadLetter(
                id: try row.id("id"), task: row["task"], queue: row["queue"],
                failure: row.json("failure", as: TaskFailure.self) ?? TaskFailure(.failed, "no reason was kept"),
                diedAt: row.time("died_ms") ?? Timestamp(rawValue: 0), messageBytes: row.bytes("message") ?? [])
        }
    }

}
