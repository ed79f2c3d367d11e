import Foundation
import GRDB
import TaskQueue

extension SQLiteBooks {
    /// Whether a sweep would find anything.
    ///
    /// A read, because a sweep that finds nothing should stop no writer.
    static func needsRecovery(_ db: Database, at now: Timestamp, reconciling: Bool) throws -> Bool {
        let lapsed = "SELECT 1 FROM workers WHERE expires_ms <= ?1 OR expires_ms > ?1 + lease_ms LIMIT 1"
        if try db.row(lapsed, [now.rawValue]) != nil { return true }
        guard reconciling else { return false }
        for table in places
        where try db.row("SELECT 1 FROM \(table) WHERE id NOT IN (SELECT id FROM tasks) LIMIT 1") != nil {
            return true
        }
        return try db.row(homeless + " LIMIT 1") != nil
    }

    private static let places = ["ready", "scheduled", "claims"]

    /// Tasks that stand nowhere, or are claimed by nobody known.
    private static let homeless = """
        SELECT id FROM tasks AS t WHERE NOT EXISTS (SELECT 1 FROM scheduled WHERE id = t.id)
            AND NOT EXISTS (SELECT 1 FROM ready WHERE lane = t.lane AND suspect = (t.deaths >= 2) AND rank = t.rank AND id = t.id)
            AND NOT EXISTS (SELECT 1 FROM claims JOIN workers USING (worker) WHERE id = t.id)
        """

    func recover(reconciling: Bool) throws -> Recovery {
        var recovery = Recovery()
        // The clock was set back: who lives renews in time, and who died before must not be waited for that long.
        try db.run("UPDATE workers SET expires_ms = ?1 + lease_ms WHERE expires_ms > ?1 + lease_ms", [now.rawValue])
        let dead = try db.rows("SELECT worker FROM workers WHERE expires_ms <= ?", [now.rawValue])
        for worker in dead.map({ $0[0] as String }) {
            recovery.deadWorkers.append(worker)
            try forget(worker)
            for row in try db.rows("SELECT id, fence, attempt, claimed_ms FROM claims WHERE worker = ?", [worker]) {
                try reclaim(row, from: worker)
                recovery.reclaimed.append(try row.id("id"))
            }
        }
        guard reconciling else { return recovery }
        try reconcile(&recovery)
        try db.run(
            "DELETE FROM unique_keys WHERE until_ms <= ? AND id NOT IN (SELECT id FROM tasks)", [now.rawValue])
        return recovery
    }

    private func reclaim(_ row: Row, from worker: String) throws {
        let id: Data = row["id"]
        try db.run("DELETE FROM claims WHERE id = ?", [id])
        let past = AttemptRecord(
            attempt: row["attempt"], worker: worker, startedAt: row.time("claimed_ms") ?? now, finishedAt: now,
            failure: TaskFailure(.leaseLost, "the worker's lease lapsed"))
        try keep(past, id, attempts: 0, deaths: 1, row["fence"])
        try makeReady(id)
    }

    /// Both directions: every place has its task, every task has its place.
    private func reconcile(_ recovery: inout Recovery) throws {
        for table in Self.places {
            try db.run("DELETE FROM \(table) WHERE id NOT IN (SELECT id FROM tasks)")
            recovery.leftoversRemoved += db.changesCount
        }
        for row in try db.rows(Self.homeless) {
            try db.run("DELETE FROM claims WHERE id = ?", [row[0] as Data])
            try makeReady(row[0])
            recovery.orphansRequeued.append(try row.id("id"))
        }
    }
}
