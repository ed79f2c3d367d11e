internal import Blocking
public import Logging
public import Postgres
public import TaskQueue

/// Moves tasks from the outbox to the broker.
///
/// Any number may run. A crash on the way leaves the task in the outbox, and whoever finds it again finds its id live in
/// the broker or final in the results, and only removes it.
public final class OutboxRelay: Sendable {
    private let pool: PostgresPool
    private let broker: any TaskBroker
    private let results: any ResultStore
    private let logger: Logger

    private static let batchMax = 1000
    /// How long an idle relay goes without looking, should a notification have been missed or a relay have died.
    private static let idleInterval = Duration.seconds(10)

    /// Makes a relay; ``run()`` starts it.
    /// - Parameters:
    ///   - pool: The database with the outbox.
    ///   - broker: Where the tasks go.
    ///   - results: Where the broker's workers record their ends.
    ///   - logger: Gets a line for what could not be moved.
    public init(_ pool: PostgresPool, to broker: any TaskBroker, results: any ResultStore, logger: Logger) {
        self.pool = pool
        self.broker = broker
        self.results = results
        self.logger = logger
    }

    /// Moves what is there and what comes, until the task is cancelled.
    public func run() async {
        let bell = Doorbell()
        let listener = PostgresListener(pool.configuration, channels: ["taskqueue_outbox"], logger: logger) { _ in
            bell.ring()
        }
        var failures = 0
        while !Task.isCancelled {
            do throws(StoreError) {
                let moved = try await relay()
                failures = 0
                if moved < Self.batchMax { await bell.wait(atMost: Self.idleInterval) }
            } catch {
                guard !Task.isCancelled else { break }
                failures += 1
                logger.error("the outbox could not be moved; trying again", metadata: ["error": "\(error)"])
                await bell.wait(atMost: min(.milliseconds(100) * (1 << min(failures, 6)), .seconds(5)))
            }
        }
        withExtendedLifetime(listener) {}
    }

    /// Moves one batch.
    /// - Returns: How many tasks were found.
    @discardableResult
    public func relay() async throws(StoreError) -> Int {
        let entries = try await claim()
        guard !entries.isEmpty else { return 0 }
        // An end is recorded before the broker forgets the task, so it is in one of the two.
        let final = try await results.fetch(entries.map(\.id))
        var outcome = Outcome(done: entries.map(\.id).filter { final[$0] != nil })
        var waiting: [(OutboxEntry, TaskMessage)] = []
        for entry in entries where final[entry.id] == nil {
            switch entry.message {
            case .success(let message): waiting.append((entry, message))
            case .failure(let error): outcome.refusals.append((entry, "\(error)"))
            }
        }
        try await enqueue(waiting[...], &outcome)
        try await finish(outcome)
        return entries.count
    }

    /// What became of a batch; what is in neither stays for another time.
    private struct Outcome {
        var done: [TaskID]
        var refusals: [(OutboxEntry, String)] = []
    }

    /// Enqueues a batch; one that spoils the call for all is looked for by halves, so that it alone is refused.
    private func enqueue(
        _ batch: ArraySlice<(OutboxEntry, TaskMessage)>, _ outcome: inout Outcome
    ) async throws(StoreError) {
        guard let (first, _) = batch.first else { return }
        do throws(StoreError) {
            for ((entry, _), receipt) in zip(batch, try await broker.enqueue(batch.map(\.1))) {
                switch receipt {
                case .accepted, .duplicate: outcome.done.append(entry.id)
                case .refused(.queueFull): continue
                case .refused(let refusal): outcome.refusals.append((entry, "\(refusal)"))
                }
            }
        } catch {
            guard error.code == .invalidRequest else { throw error }
            if batch.count > 1 {
                let middle = batch.startIndex + batch.count / 2
                try await enqueue(batch[..<middle], &outcome)
                try await enqueue(batch[middle...], &outcome)
            } else {
                // A broker that refuses this too is wrongly set up, and the task has no part in that.
                _ = try await broker.fetch([first.id])
                outcome.refusals.append((first, "\(error)"))
            }
        }
    }

    private func claim() async throws(StoreError) -> [OutboxEntry] {
        try await asking { (connection) throws(PostgresError) in
            let rows = try connection.execute(
                PostgresStatement(
                    """
                    WITH claimed AS (
                        UPDATE taskqueue_outbox SET claimed_until = now() + interval '30 seconds' WHERE id IN (
                            SELECT id FROM taskqueue_outbox
                            WHERE refusal IS NULL AND (claimed_until IS NULL OR claimed_until < now())
                            ORDER BY position LIMIT \(Self.batchMax) FOR UPDATE SKIP LOCKED
                        ) RETURNING *
                    ) SELECT \(OutboxEntry.columns) FROM claimed ORDER BY position
                    """))
            var entries: [OutboxEntry] = []
            for row in rows { entries.append(try OutboxEntry(row)) }
            return entries
        }
    }

    private func finish(_ outcome: Outcome) async throws(StoreError) {
        var (ids, refused, reasons) = (
            PostgresArray(of: .uuid), PostgresArray(of: .uuid), PostgresArray(of: .text)
        )
        for id in outcome.done { ids.append(uuid: id.high, id.low) }
        for (entry, reason) in outcome.refusals {
            logger.error(
                "a task in the outbox can't be enqueued",
                metadata: ["task_id": "\(entry.id)", "position": "\(entry.position)", "error": "\(reason)"])
            refused.append(uuid: entry.id.high, entry.id.low)
            reasons.append(reason)
        }
        let steps: [(PostgresStatement, [PostgresParameter])] = [
            ("DELETE FROM taskqueue_outbox WHERE id = ANY ($1::uuid[])", [ids.parameter]),
            (
                """
                UPDATE taskqueue_outbox o SET refusal = r.reason
                FROM unnest($1::uuid[], $2::text[]) AS r (id, reason) WHERE o.id = r.id
                """, [refused.parameter, reasons.parameter]
            ),
        ]
        _ = try await asking { (connection) throws(PostgresError) in try connection.pipeline(steps) }
    }

    private func asking<Value: Sendable>(
        _ body: @escaping @Sendable (PostgresConnection) throws(PostgresError) -> Value
    ) async throws(StoreError) -> Value {
        do throws(PostgresError) {
            return try await pool.use(body)
        } catch {
            throw StoreError(error, "move the outbox")
        }
    }
}
