import Foundation
import GRDB
import TaskQueue

/// The broker's books within one transaction; the same moves as the memory broker's, in tables.
struct SQLiteBooks {
    let db: Database
    let now: Timestamp
    let limits: BrokerLimits

    // MARK: Accepting

    func enqueue(_ message: TaskMessage) throws -> EnqueueReceipt {
        let id = message.id.blob
        if let duplicate = try duplicate(of: message, id) { return .duplicate(of: duplicate) }
        if let refusal = try refusal(of: message) { return .refused(refusal) }
        if let key = message.uniqueKey {
            try db.run(
                "INSERT OR REPLACE INTO unique_keys (key, id, until_ms) VALUES (?, ?, ?)",
                [key, id, (now + (message.uniqueFor ?? .zero)).rawValue])
        }
        let lane = try lane(message.queue, message.task)
        let rank = 9 - message.priority.level
        try db.run(
            """
            INSERT INTO tasks (id, lane, rank, enqueued_ms, expires_ms, message) VALUES (?, ?, ?, ?, ?, ?)
            """,
            [
                id, lane, rank, now.rawValue, message.expires?.resolved(at: now).rawValue,
                Data(MessageCodec.encode(message)),
            ])
        let due = message.notBefore?.resolved(at: now) ?? now
        if due > now { try schedule(id, due) } else { try makeReady(id, lane, rank) }
        return .accepted(message.id)
    }

    private func duplicate(of message: TaskMessage, _ id: Data) throws -> TaskID? {
        if try db.row("SELECT 1 FROM tasks WHERE id = ? UNION ALL SELECT 1 FROM results WHERE id = ?", [id, id]) != nil
        {
            return message.id
        }
        guard let key = message.uniqueKey else { return nil }
        let row = try db.row(
            """
            SELECT id FROM unique_keys AS u
            WHERE key = ? AND (until_ms > ? OR EXISTS (SELECT 1 FROM tasks WHERE tasks.id = u.id))
            """, [key, now.rawValue])
        return try row?.id("id")
    }

    private func refusal(of message: TaskMessage) throws -> EnqueueReceipt.Refusal? {
        if message.payload.count > limits.payloadBytesMax {
            return .payloadTooLarge(bytes: message.payload.count, limit: limits.payloadBytesMax)
        }
        guard let limit = limits.queueLengthMax else { return nil }
        let waiting: Int =
            try db.row(
                """
                SELECT (SELECT count(*) FROM ready JOIN lanes USING (lane) WHERE queue = ?1)
                    + (SELECT count(*) FROM scheduled JOIN tasks USING (id) JOIN lanes USING (lane) WHERE queue = ?1)
                """, [message.queue])?[0] ?? 0
        return waiting >= limit ? .queueFull(queue: message.queue, limit: limit) : nil
    }

    /// The number that stands for a queue and a task; made when first used.
    private func lane(_ queue: String, _ task: String) throws -> Int64 {
        if let row = try db.row("SELECT lane FROM lanes WHERE queue = ? AND task = ?", [queue, task]) { return row[0] }
        try db.run("INSERT OR IGNORE INTO queues (queue) VALUES (?)", [queue])
        try db.run("INSERT INTO lanes (queue, task) VALUES (?, ?)", [queue, task])
        return db.lastInsertedRowID
    }

    // MARK: Places

    func makeReady(_ id: Data, _ lane: Int64, _ rank: Int) throws {
        try db.run("INSERT INTO ready (lane, suspect, rank, id) VALUES (?, 0, ?, ?)", [lane, rank, id])
    }

    func makeReady(_ id: Data) throws {
        try db.run(
            "INSERT INTO ready (lane, suspect, rank, id) SELECT lane, deaths >= 2, rank, id FROM tasks WHERE id = ?",
            [id])
    }

    func schedule(_ id: Data, _ due: Timestamp) throws {
        try db.run("INSERT INTO scheduled (due_ms, id) VALUES (?, ?)", [due.rawValue, id])
    }

    /// Takes a waiting task out of its place; false if it is not waiting.
    func leaveWaiting(_ id: Data) throws -> Bool {
        try db.run("DELETE FROM scheduled WHERE id = ?", [id])
        if db.changesCount > 0 { return true }
        try db.run(
            """
            DELETE FROM ready
            WHERE (lane, suspect, rank, id) = (SELECT lane, deaths >= 2, rank, id FROM tasks WHERE id = ?)
            """, [id])
        return db.changesCount > 0
    }

    var nextDue: Timestamp? {
        get throws {
            try db.row("SELECT due_ms FROM scheduled ORDER BY due_ms LIMIT 1")?.time("due_ms")
        }
    }
}
