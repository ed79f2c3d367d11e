internal import Postgres
internal import Synchronization
internal import TaskQueue

/// Which spans of results exist: those ahead are made, those that are over go.
final class ResultRetention: Sendable {
    private let pool: PostgresPool
    private let bytesMax: Int64?
    private let clock: StoreClock?
    /// When a span need not be looked at before, in seconds since 1970: something in it is kept until then.
    private let keptUntil = Mutex<[String: Int64]>([:])

    /// How far ahead spans are made.
    private static let ahead: Int64 = 2 * 86_400
    private static let deletedMax = 10_000

    init(_ pool: PostgresPool, bytesMax: Int64?, clock: StoreClock?) {
        self.pool = pool
        self.bytesMax = bytesMax
        self.clock = clock
    }

    /// Makes the spans of the next days.
    func makeRoom() async throws(StoreError) {
        try await asking { (connection, now) throws(PostgresError) in try Self.makeRoom(now, connection) }
    }

    /// Makes what is to come and removes what is over; leaves it to another process that is at it.
    /// - Returns: About how many records went.
    func enforce() async throws(StoreError) -> Int {
        try await asking { (connection, now) throws(PostgresError) in
            let lock = try connection.execute("SELECT pg_try_advisory_lock('taskqueue_results'::regclass::oid::int8)")
            guard try lock.first?.bool(0) == true else { return 0 }
            // Ends with the connection should this fail.
            defer { _ = try? connection.execute("SELECT pg_advisory_unlock('taskqueue_results'::regclass::oid::int8)") }
            return try self.enforce(now, connection)
        }
    }

    private func enforce(_ now: Int64, _ connection: PostgresConnection) throws(PostgresError) -> Int {
        try Self.makeRoom(now, connection)
        var removed = try Self.deleteStrays(now, connection)
        let spans = ResultSchema.spans
        var left = try spans.list(on: connection)
        for span in left where span.start + 2 * spans.width <= now {
            guard try self.isOver(span, now, connection), try self.dropIfOver(span, now, connection) else { continue }
            removed += Int(span.rows)
            left.removeAll { $0 == span }
        }
        return removed + (try self.giveWay(left, now, connection))
    }

    private static func makeRoom(_ now: Int64, _ connection: PostgresConnection) throws(PostgresError) {
        do throws(PostgresError) {
            try ResultSchema.spans.create(from: now, through: now + ahead, on: connection)
        } catch {
            // Somebody else is at it, or reads the default table; until there is a span, that one takes the rows.
            guard error.sqlState == .lockNotAvailable || error.sqlState == .queryCanceled else { throw error }
        }
    }

    /// The oldest go first; what is written to now stays, however large.
    private func giveWay(
        _ spans: [RangePartitions.Span], _ now: Int64, _ connection: PostgresConnection
    ) throws(PostgresError) -> Int {
        guard let bytesMax else { return 0 }
        var total = spans.reduce(0) { $0 + $1.bytes }
        var removed = 0
        for span in spans where total > bytesMax && span.start + ResultSchema.spans.width <= now {
            guard try Self.drop(span, connection) else { continue }
            total -= span.bytes
            removed += Int(span.rows)
        }
        return removed
    }

    private func isOver(
        _ span: RangePartitions.Span, _ now: Int64, _ connection: PostgresConnection
    ) throws(PostgresError) -> Bool {
        if let until = keptUntil.withLock({ $0[span.name] }), until > now { return false }
        let kept = try connection.execute(
            PostgresStatement(
                "SELECT least(expires_at, now() + interval '10 years') FROM \(span.name) "
                    + "WHERE expires_at > to_timestamp($1::int8) LIMIT 1", isPrepared: false),
            [.int8(now)])
        guard let row = kept.first else { return true }
        // The search reads through what is over; not every minute, then.
        let until = max(PostgresTime.milliseconds(try row.int8(0)) / 1000, now + ResultSchema.spans.width / 8)
        keptUntil.withLock { $0[span.name] = until }
        return false
    }

    /// Rows in no span can't go with one.
    private static func deleteStrays(_ now: Int64, _ connection: PostgresConnection) throws(PostgresError) -> Int {
        try connection.execute(
            PostgresStatement(
                """
                DELETE FROM taskqueue_results_default WHERE id IN (
                    SELECT id FROM taskqueue_results_default WHERE expires_at <= to_timestamp($1::int8)
                    LIMIT \(deletedMax))
                """), [.int8(now)]
        ).affected
    }

    /// Looks once more where nobody can write: a record may have come since the look before, which kept nobody out.
    private func dropIfOver(
        _ span: RangePartitions.Span, _ now: Int64, _ connection: PostgresConnection
    ) throws(PostgresError) -> Bool {
        try Self.orLater { () throws(PostgresError) in
            try ResultSchema.spans.drop(span, on: connection) { (connection) throws(PostgresError) in
                try self.isOver(span, now, connection)
            }
        }
    }

    private static func drop(
        _ span: RangePartitions.Span, _ connection: PostgresConnection
    ) throws(PostgresError) -> Bool {
        try orLater { () throws(PostgresError) in
            try ResultSchema.spans.drop(span, on: connection)
            return true
        }
    }

    /// False if somebody uses the span for too long; the next time will do.
    private static func orLater(_ drop: () throws(PostgresError) -> Bool) throws(PostgresError) -> Bool {
        do throws(PostgresError) {
            return try drop()
        } catch {
            guard error.sqlState == .lockNotAvailable || error.sqlState == .deadlockDetected else { throw error }
            return false
        }
    }

    private func asking<Value: Sendable>(
        _ body: @escaping @Sendable (PostgresConnection, Int64) throws(PostgresError) -> Value
    ) async throws(StoreError) -> Value {
        do throws(PostgresError) {
            let own = clock.map { $0.now.rawValue / 1000 }
            return try await pool.use { (connection) throws(PostgresError) in
                if let own { return try body(connection, own) }
                let now = try connection.execute("SELECT extract(epoch FROM now())::int8")
                return try body(connection, try now.first?.int8(0) ?? 0)
            }
        } catch {
            throw StoreError(error, "look after the results' retention")
        }
    }
}
