/// A table cut into spans of time, so that what is old goes by dropping a table and not by deleting rows.
///
/// The table must be partitioned by range on one column and have a default partition `<table>_default`, which takes
/// what fits no span. Spans begin at whole multiples of their width since 1970 and are whole hours.
public struct RangePartitions: Sendable {
    /// One span's table.
    public struct Span: Hashable, Sendable {
        /// The table's name.
        public let name: String
        /// Its first second since 1970.
        public let start: Int64
        /// What it takes on the disk, indexes included.
        public let bytes: Int64
        /// About how many rows it has, as the server last counted.
        public let rows: Int64
    }

    /// The table that is cut.
    public let table: String
    /// A span's length in seconds.
    public let width: Int64
    private let column: String
    private let bound: @Sendable (Int64) -> String

    /// Describes the cut.
    /// - Parameters:
    ///   - table: The table; its name is not quoted.
    ///   - column: The column by which it is cut.
    ///   - hours: A span's length.
    ///   - bound: A second since 1970 as an SQL literal of the column's type.
    public init(of table: String, by column: String, hours: Int, bound: @escaping @Sendable (Int64) -> String) {
        self.table = table
        self.column = column
        width = Int64(max(1, hours)) * 3600
        self.bound = bound
    }

    /// The beginning of the span that a second lies in.
    public func start(of second: Int64) -> Int64 {
        second - ((second % width) + width) % width
    }

    /// Makes the spans from one second to another that are not there, and moves into them what the default took.
    /// - Throws: `lockNotAvailable` if somebody holds the table for longer than two seconds; try again later.
    public func create(
        from first: Int64, through last: Int64, on connection: PostgresConnection
    ) throws(PostgresError) {
        let missing = try connection.execute(
            """
            SELECT second, name FROM (
                SELECT second, $4 || to_char(to_timestamp(second) AT TIME ZONE 'UTC', '_YYYYMMDD_HH24') AS name
                FROM generate_series($1::int8, $2::int8, $3::int8) second
            ) spans WHERE to_regclass(name) IS NULL
            """,
            [.int8(start(of: first)), .int8(start(of: last)), .int8(width), .text(table)])
        for row in missing { try create(try row.text(1), at: try row.int8(0), on: connection) }
    }

    /// Attached rather than made in place, which would lock out everyone who writes to the other spans.
    private func create(_ name: String, at start: Int64, on connection: PostgresConnection) throws(PostgresError) {
        let (from, to) = (bound(start), bound(start + width))
        try connection.transaction { (connection) throws(PostgresError) in
            // One at a time; a lock on the table also makes this session see what the one before has made.
            try connection.script("SET LOCAL lock_timeout = '2s'; LOCK TABLE \(table) IN SHARE UPDATE EXCLUSIVE MODE")
            let isThere = try connection.execute("SELECT to_regclass($1) IS NOT NULL", [.text(name)])
            if try isThere.first?.bool(0) == true { return }
            // The default is held before it is looked at: what came into it after a look would forbid the attaching.
            try connection.script(
                """
                LOCK TABLE \(table)_default IN ACCESS EXCLUSIVE MODE;
                CREATE TABLE \(name) (LIKE \(table) INCLUDING ALL);
                WITH moved AS (
                    DELETE FROM \(table)_default WHERE \(column) >= \(from) AND \(column) < \(to) RETURNING *
                ) INSERT INTO \(name) SELECT * FROM moved;
                ALTER TABLE \(table) ATTACH PARTITION \(name) FOR VALUES FROM (\(from)) TO (\(to))
                """)
        }
    }

    /// The spans there are, oldest first; the default is none of them.
    public func list(on connection: PostgresConnection) throws(PostgresError) -> [Span] {
        let rows = try connection.execute(
            """
            SELECT name, extract(epoch FROM make_timestamp(
                    substr(mark, 1, 4)::int, substr(mark, 5, 2)::int, substr(mark, 7, 2)::int,
                    substr(mark, 10, 2)::int, 0, 0))::int8, pg_total_relation_size(oid), greatest(tuples, 0)::int8
            FROM (
                SELECT c.oid, c.relname::text AS name, right(c.relname, 11) AS mark, c.reltuples AS tuples
                FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                WHERE i.inhparent = to_regclass($1) AND c.relname ~ '_[0-9]{8}_[0-9]{2}$'
            ) spans ORDER BY mark
            """,
            [.text(table)])
        var spans: [Span] = []
        for row in rows {
            spans.append(
                Span(name: try row.text(0), start: try row.int8(1), bytes: try row.int8(2), rows: try row.int8(3)))
        }
        return spans
    }

    /// Drops a span: milliseconds, however many rows it has.
    /// - Throws: `lockNotAvailable` if somebody reads it for longer than two seconds; try again later.
    public func drop(_ span: Span, on connection: PostgresConnection) throws(PostgresError) {
        try connection.script("SET LOCAL lock_timeout = '2s'; DROP TABLE IF EXISTS \(span.name)")
    }

    /// Drops a span if a look at it, while nobody can write to it, says that it may go.
    ///
    /// Readers are not held up by the look, and writers to the other spans by neither.
    /// - Parameter mayGo: Looks through the connection that it is given.
    /// - Returns: Whether it went.
    /// - Throws: `lockNotAvailable` if somebody writes to the span or reads it for too long, `deadlockDetected` if
    ///   somebody began to write to it just as it was dropped; try again later.
    public func drop(
        _ span: Span, on connection: PostgresConnection,
        if mayGo: (PostgresConnection) throws(PostgresError) -> Bool
    ) throws(PostgresError) -> Bool {
        try connection.transaction { (connection) throws(PostgresError) in
            // A lock that kept readers out too would be asked for in the opposite order to theirs, the table's first.
            try connection.script("SET LOCAL lock_timeout = '2s'; LOCK TABLE \(span.name) IN SHARE MODE")
            guard try mayGo(connection) else { return false }
            // A writer that came meanwhile waits for the span and holds the table: give way before the server has to
            // choose one of the two, after its deadlock_timeout of a second.
            try connection.script("SET LOCAL lock_timeout = '500ms'; DROP TABLE \(span.name)")
            return true
        }
    }
}
