import Foundation
import GRDB
import TaskQueue

extension SQLiteBooks {
    /// Whether a claim would find anything: a read, so that an idle worker need not take the write lock.
    static func hasWork(_ db: Database, at now: Timestamp) throws -> Bool {
        try db.row(
            """
            SELECT 1 WHERE EXISTS (SELECT 1 FROM ready) OR EXISTS (SELECT 1 FROM scheduled WHERE due_ms <= ?)
                OR EXISTS (SELECT 1 FROM claims JOIN tasks USING (id) WHERE cancelled)
                OR EXISTS (SELECT 1 FROM orders)
            """, [now.rawValue]) != nil
    }

    // MARK: Claiming

    func claim(_ claim: Claim, by worker: String) throws -> [Delivery] {
        try promote()
        let candidates = try candidates(claim, includingSuspect: try !holdsSuspect(worker))
        var deliveries: [Delivery] = []
        for candidate in candidates where deliveries.count < claim.count {
            try db.run(
                "DELETE FROM ready WHERE lane = ? AND suspect = ? AND rank = ? AND id = ?",
                [candidate.lane.number, candidate.isSuspect, candidate.rank, candidate.id])
            guard let row = try db.row(Self.taskColumns, [candidate.id]) else { continue }
            deliveries.append(try deliver(row, candidate.id, candidate.lane, to: worker))
        }
        return deliveries
    }

    private struct Candidate {
        let rank: Int
        let id: Data
        let lane: Lane
        let isSuspect: Bool
    }

    /// The most urgent of every open lane, and one suspect at most, in the order of their turn.
    private func candidates(_ claim: Claim, includingSuspect: Bool) throws -> [Candidate] {
        var candidates: [Candidate] = []
        var suspects: [Candidate] = []
        let query = "SELECT rank, id FROM ready WHERE lane = ? AND suspect = ? ORDER BY rank, id LIMIT ?"
        let lanes = try openLanes(claim)
        for lane in lanes {
            for row in try db.rows(query, [lane.number, false, claim.count]) {
                candidates.append(Candidate(rank: row[0], id: row[1], lane: lane, isSuspect: false))
            }
            guard includingSuspect, let row = try db.row(query, [lane.number, true, 1]) else { continue }
            suspects.append(Candidate(rank: row[0], id: row[1], lane: lane, isSuspect: true))
        }
        if let first = suspects.min(by: Self.precedes) { candidates.append(first) }
        // One lane is sorted already, and most workers serve one.
        if lanes.count > 1 || !suspects.isEmpty { candidates.sort(by: Self.precedes) }
        return candidates
    }

    private static func precedes(_ left: Candidate, _ right: Candidate) -> Bool {
        left.rank != right.rank ? left.rank < right.rank : left.id.lexicographicallyPrecedes(right.id)
    }

    struct Lane {
        let number: Int64
        let queue: String
        let task: String
    }

    private static let taskColumns = """
        SELECT enqueued_ms, expires_ms, attempts, deliveries, deaths, cancelled, history, message FROM tasks WHERE id = ?
        """

    private func openLanes(_ claim: Claim) throws -> [Lane] {
        try db.rows("SELECT lane, queue, task FROM lanes JOIN queues USING (queue) WHERE NOT paused")
            .map { Lane(number: $0[0], queue: $0[1], task: $0[2]) }
            .filter { claim.tasks.contains($0.task) && claim.queues?.contains($0.queue) ?? true }
    }

    private func holdsSuspect(_ worker: String) throws -> Bool {
        try db.row("SELECT 1 FROM claims JOIN tasks USING (id) WHERE deaths >= 2 AND worker = ? LIMIT 1", [worker])
            != nil
    }

    private func promote() throws {
        let due = try db.rows("SELECT due_ms, id FROM scheduled WHERE due_ms <= ? LIMIT 5000", [now.rawValue])
        for row in due {
            try db.run("DELETE FROM scheduled WHERE due_ms = ? AND id = ?", [row[0] as Int64, row[1] as Data])
            try makeReady(row[1])
        }
    }

    /// Claims a task by its id, wherever it waited.
    func deliver(_ id: Data, to worker: String) throws -> Delivery? {
        let lane = try db.row("SELECT lane, queue, task FROM tasks JOIN lanes USING (lane) WHERE id = ?", [id])
        guard let lane, let row = try db.row(Self.taskColumns, [id]) else { return nil }
        return try deliver(row, id, Lane(number: lane[0], queue: lane[1], task: lane[2]), to: worker)
    }

    /// Claims a task that was taken out of its waiting place.
    private func deliver(_ row: Row, _ id: Data, _ lane: Lane, to worker: String) throws -> Delivery {
        let attempt = (row["attempts"] as Int) + 1
        let fence = (row["deliveries"] as Int64) + 1
        try db.run(
            "INSERT INTO claims (id, worker, fence, attempt, claimed_ms) VALUES (?, ?, ?, ?, ?)",
            [id, worker, fence, attempt, now.rawValue])
        let bytes = row.bytes("message") ?? []
        let content = Result { () throws(MessageError) in try MessageCodec.decode(bytes) }
        return Delivery(
            id: try TaskID(column: id), content: content, task: lane.task, queue: lane.queue, fence: fence,
            attempt: attempt, deaths: row["deaths"], enqueuedAt: row.time("enqueued_ms") ?? now, claimedAt: now,
            isExpired: attempt == 1 && row.time("expires_ms").map { $0 <= now } ?? false,
            isCancelled: row["cancelled"], history: row.json("history", as: [AttemptRecord].self) ?? [])
    }

    // MARK: Settling

    /// Applies a settlement; false if the worker no longer owns that delivery.
    func settle(_ settlement: Settlement, by worker: String) throws -> Bool {
        let id = settlement.id.blob
        try db.run("DELETE FROM claims WHERE id = ? AND worker = ? AND fence = ?", [id, worker, settlement.fence])
        guard db.changesCount > 0 else { return false }
        switch settlement.verdict {
        case .finish(let record):
            if record.state == .failure { try bury(id, record) }
            try db.run("DELETE FROM tasks WHERE id = ?", [id])
        case .retry(let delay, let past):
            try keep(past, id, attempts: 1, settlement.fence)
            if delay > .zero { try schedule(id, now + delay) } else { try makeReady(id) }
        case .snooze(let delay):
            try db.run("UPDATE tasks SET deliveries = ? WHERE id = ?", [settlement.fence, id])
            try schedule(id, now + delay)
        case .handBack:
            try db.run("UPDATE tasks SET deliveries = ? WHERE id = ?", [settlement.fence, id])
            try makeReady(id)
        }
        return true
    }

    func keep(_ past: AttemptRecord, _ id: Data, attempts: Int, deaths: Int = 0, _ fence: Int64) throws {
        let row = try db.row("SELECT history FROM tasks WHERE id = ?", [id])
        var history = row?.json("history", as: [AttemptRecord].self) ?? []
        history.keep(past)
        try db.run(
            """
            UPDATE tasks SET attempts = attempts + ?, deaths = deaths + ?, deliveries = ?, history = ? WHERE id = ?
            """, [attempts, deaths, fence, try Database.json(history), id])
    }

    private func bury(_ id: Data, _ record: TaskRecord) throws {
        let failure = record.failure ?? TaskFailure(.failed, "no reason was given")
        try db.run(
            """
            INSERT OR REPLACE INTO dead (id, task, queue, failure, died_ms, message)
            SELECT id, ?, ?, ?, ?, message FROM tasks WHERE id = ?
            """, [record.task, record.queue, try Database.json(failure), now.rawValue, id])
        try db.run(
            """
            DELETE FROM dead WHERE (SELECT count(*) FROM dead) > ? AND id = (SELECT id FROM dead ORDER BY died_ms LIMIT 1)
            """, [limits.deadLettersMax])
    }

    // MARK: Leases

    /// Renews a worker's lease.
    ///
    /// A worker unknown here is new, or was taken for dead.
    func renew(_ lease: WorkerLease) throws -> [Directive] {
        let expires = (now + lease.duration).rawValue
        let length = lease.duration.wholeMilliseconds
        try db.run(
            "UPDATE workers SET expires_ms = ?, lease_ms = ? WHERE worker = ?", [expires, length, lease.worker])
        guard db.changesCount > 0 else {
            try db.run(
                "INSERT INTO workers (worker, expires_ms, lease_ms) VALUES (?, ?, ?)", [lease.worker, expires, length])
            return [.leaseLost]
        }
        return try db.rows(
            "SELECT id, fence FROM claims JOIN tasks USING (id) WHERE worker = ? AND cancelled", [lease.worker]
        ).map { .cancel(try $0.id("id"), fence: $0[1]) }
    }

    func note(_ progress: [TaskID: TaskProgress], by worker: String) throws {
        for (id, progress) in progress {
            try db.run(
                "UPDATE claims SET progress = ? WHERE id = ? AND worker = ?",
                [try Database.json(progress), id.blob, worker])
        }
    }

    /// Hands back all that a leaving worker holds.
    func release(_ worker: String) throws {
        for row in try db.rows("SELECT id, fence FROM claims WHERE worker = ?", [worker]) {
            let id: Data = row[0]
            try db.run("DELETE FROM claims WHERE id = ?", [id])
            try db.run("UPDATE tasks SET deliveries = ? WHERE id = ?", [row[1] as Int64, id])
            try makeReady(id)
        }
        try forget(worker)
    }
}
