import GRDB
import TaskQueue

extension SQLiteBooks {
    static func workers(_ db: Database) throws -> [WorkerStatus] {
        try db.rows(
            """
            SELECT worker, expires_ms, (SELECT count(*) FROM claims WHERE worker = w.worker) AS holding, report
            FROM workers AS w LEFT JOIN reports USING (worker) ORDER BY worker
            """
        ).map { row in
            WorkerStatus(
                worker: row["worker"], holding: row["holding"],
                leaseExpiresAt: row.time("expires_ms") ?? Timestamp(rawValue: 0),
                report: row.json("report", as: WorkerReport.self))
        }
    }

    func note(_ report: WorkerReport, by worker: String) throws {
        try db.run(
            "INSERT OR REPLACE INTO reports (worker, report) VALUES (?, ?)", [worker, try Database.json(report)])
        for (queue, seconds) in report.newServiceSeconds {
            try db.run("UPDATE queues SET service_seconds = ? WHERE queue = ?", [seconds, queue])
        }
    }

    func send(_ order: WorkerOrder, to workers: Set<String>) throws -> [String] {
        let known = try workers.sorted().filter { worker in
            try db.row("SELECT 1 FROM workers WHERE worker = ?", [worker]) != nil
        }
        for worker in known {
            try db.run(
                "INSERT INTO orders (worker, instruction) VALUES (?, ?)", [worker, try Database.json(order)])
        }
        return known
    }

    /// What the worker was told since it last asked; what only another version understands is passed over.
    func takeOrders(of worker: String) throws -> [Directive] {
        let rows = try db.rows("SELECT instruction FROM orders WHERE worker = ? ORDER BY number", [worker])
        guard !rows.isEmpty else { return [] }
        try db.run("DELETE FROM orders WHERE worker = ?", [worker])
        return rows.compactMap { $0.json("instruction", as: WorkerOrder.self).map(Directive.obey) }
    }

    /// Forgets a worker that holds nothing any more.
    func forget(_ worker: String) throws {
        for table in ["workers", "reports", "orders"] {
            try db.run("DELETE FROM \(table) WHERE worker = ?", [worker])
        }
    }
}
