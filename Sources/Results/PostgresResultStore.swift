public import Logging
public import Postgres
public import TaskQueue

/// Final records in PostgreSQL, for as long as their retention says.
///
/// A batch of records is one `COPY`, or one statement if it is small or a record of it is there already. Records lie in tables of six hours each, so that old ones go by dropping a
/// table; see `Migrations/` for the schema, which `queuectl migrate` makes.
public final class PostgresResultStore: ResultStore {
    /// The connections it uses; what else lies in the same database may use them too.
    public let pool: PostgresPool
    private let clock: StoreClock?
    private let awaited: AwaitedRecords
    private let retention: ResultRetention

    /// Makes a store; connecting begins with the first call.
    /// - Parameters:
    ///   - pool: The connections to use.
    ///   - bytesMax: Disk space beyond which the oldest records go although their retention has not ended; nil for any.
    ///   - clock: Nil for the server's own; tests give theirs.
    ///   - logger: Gets a line when the connection for notifications comes or goes.
    public init(_ pool: PostgresPool, bytesMax: Int64? = nil, clock: StoreClock? = nil, logger: Logger) {
        self.pool = pool
        self.clock = clock
        awaited = AwaitedRecords(pool, logger)
        retention = ResultRetention(pool, bytesMax: bytesMax, clock: clock)
    }

    /// Checks that the schema is there and has room for what comes next.
    /// - Returns: What an operator should know, a sentence each.
    /// - Throws: `StoreError.incompatible` if the schema is missing or older than this program needs.
    public func preflight() async throws(StoreError) -> [String] {
        let (found, needed) = (try await schemaVersion(), ResultSchema.migrations.version)
        guard found >= needed else {
            throw StoreError(
                .incompatible,
                "the result store at \(pool.configuration.description) has schema \(found), this binary needs "
                    + "\(needed): run queuectl migrate")
        }
        _ = try await retention.makeRoom()
        return found > needed
            ? ["the result store has schema \(found), newer than the \(needed) this binary knows"] : []
    }

    /// The version of the schema that the database has; 0 for none.
    public func schemaVersion() async throws(StoreError) -> Int {
        try await asking("read the schema's version") { (connection) throws(PostgresError) in
            try ResultSchema.migrations.version(on: connection)
        }
    }

    /// See ``ResultStore/record(_:)``.
    public func record(_ records: [TaskRecord]) async throws(ResultError) -> [Bool] {
        for record in records where !record.state.isFinal {
            throw StoreError(.invalidRequest, "task \(record.id) is \(record.state.rawValue), which is not final")
        }
        // In one order for everybody: two that write the same ids then wait for each other and never in a ring.
        let kept = records.indices.filter { records[$0].retention >= .milliseconds(1) }
            .sorted { records[$0].id < records[$1].id }
        var written = [Bool](repeating: false, count: records.count)
        guard !kept.isEmpty else { return written }
        if var new = try await write(kept.map { records[$0] }) {
            // A task twice in one batch is written once.
            for index in kept where new.remove(records[index].id) != nil { written[index] = true }
        } else {
            for index in kept { written[index] = true }
        }
        return written
    }

    /// Writes records of different tasks.
    /// - Returns: Which were not there before; nil for all of them.
    private func write(_ records: [TaskRecord]) async throws(StoreError) -> Set<TaskID>? {
        let batch = try RecordBatch(records, isVerbatim: false)
        if records.count >= Self.copiedMin {
            do throws(StoreError) {
                try await copy(batch)
                return nil
            } catch {
                // One is there already or can't be held, so that none was written.
                guard error.code == .invalidRequest else { throw error }
            }
        }
        do throws(StoreError) {
            return try await insert(batch)
        } catch {
            // JSON that this server's jsonb can't hold must not hold up everybody else's results for ever.
            guard error.code == .invalidRequest else { throw error }
            return try await insert(try RecordBatch(records, isVerbatim: true))
        }
    }

    /// Below this a second round trip costs more than `COPY` saves.
    private static let copiedMin = 64

    /// Writes all or, if one of them is there already or is refused, none.
    private func copy(_ batch: RecordBatch) async throws(StoreError) {
        try await asking("record results") { (connection) throws(PostgresError) in
            try connection.copy(into: RecordBatch.copyTarget, batch.copyRows)
            try connection.execute(RecordBatch.ring, [batch.ids])
        }
    }

    private func insert(_ batch: RecordBatch) async throws(StoreError) -> Set<TaskID> {
        let rows = try await asking("record results") { (connection) throws(PostgresError) in
            try connection.execute(RecordBatch.statement, batch.parameters)
        }
        var new: Set<TaskID> = []
        do throws(PostgresError) {
            for row in rows {
                let (high, low) = try row.uuid(0)
                new.insert(TaskID(high: high, low: low))
            }
        } catch {
            throw StoreError(error, "record results")
        }
        return new
    }

    /// See ``ResultStore/fetch(_:)``.
    public func fetch(_ ids: [TaskID]) async throws(ResultError) -> [TaskID: TaskRecord] {
        guard !ids.isEmpty else { return [:] }
        var wanted = PostgresArray(of: .uuid, reserving: ids.count * 20)
        for id in ids { wanted.append(uuid: id.high, id.low) }
        // Planned anew, so that spans which hold none of these ids are passed over.
        let statement = PostgresStatement(
            "SELECT \(TaskRecord.columns) FROM taskqueue_results "
                + "WHERE id = ANY ($1::uuid[]) AND expires_at > coalesce($2::timestamptz, now())", isPrepared: false)
        let parameters = [wanted.parameter, clock.map { .time(milliseconds: $0.now.rawValue) } ?? .null(.time)]
        let rows = try await asking("read results") { (connection) throws(PostgresError) in
            try connection.execute(statement, parameters)
        }
        var found: [TaskID: TaskRecord] = [:]
        for row in rows {
            let record = try TaskRecord(row)
            found[record.id] = record
        }
        return found
    }

    /// See ``ResultStore/list(_:)``.
    public func list(_ filter: TaskFilter) async throws(ResultError) -> [TaskRecord] {
        let query = ResultQuery(filter, at: clock?.now)
        let rows = try await asking("list results") { (connection) throws(PostgresError) in
            try connection.execute(query.statement, query.parameters)
        }
        var records: [TaskRecord] = []
        for row in rows { records.append(try TaskRecord(row)) }
        return records
    }

    /// Drops tables all of whose records are past their retention, makes those of the next hours, and gives way if the
    /// disk space allowed is used up.
    ///
    /// Single records are not deleted: past their retention they are not shown any more, and their table goes when
    /// the last of its records may.
    /// - Returns: About how many records went.
    public func prune() async throws(ResultError) -> Int {
        try await retention.enforce()
    }

    /// See ``ResultStore/onResult(of:_:)``.
    public func onResult(of ids: [TaskID], _ listener: @escaping @Sendable () -> Void) -> Subscription {
        awaited.listen(to: ids, listener)
    }

    private func asking<Value: Sendable>(
        _ what: String, _ body: @escaping @Sendable (PostgresConnection) throws(PostgresError) -> Value
    ) async throws(StoreError) -> Value {
        do throws(PostgresError) {
            return try await pool.use(body)
        } catch {
            throw StoreError(error, what)
        }
    }
}
