public import Postgres

/// The tables of results and of the outbox, and how a database comes to have them.
public enum ResultSchema {
    /// The numbered steps: the files in `Migrations/`.
    public static let migrations = PostgresMigrations(
        part: "results",
        steps: [
            String(decoding: PackageResources.results_1_sql, as: UTF8.self),
            String(decoding: PackageResources.results_2_sql, as: UTF8.self),
        ], table: versionTable)

    /// Remembers which steps were taken; other parts of a system may use it too.
    public static let versionTable = "taskqueue_schema"

    /// Six hours, so that retention by bytes can give way in portions.
    static let spanHours = 6

    /// Makes tables for records of tasks that were made between two times, in seconds since 1970; workers make those of
    /// the next days by themselves.
    /// - Throws: `lockNotAvailable` if somebody holds the table for longer than two seconds.
    public static func makeSpans(
        from first: Int64, through last: Int64, on connection: PostgresConnection
    ) throws(PostgresError) {
        try spans.create(from: first, through: last, on: connection)
    }

    /// Results by the time in their id.
    static let spans = RangePartitions(of: "taskqueue_results", by: "id", hours: spanHours) { second in
        let digits = String(UInt64(clamping: second) &* 1000 & 0xFFFF_FFFF_FFFF, radix: 16)
        let padded = String(repeating: "0", count: max(0, 12 - digits.count)) + digits
        return "'\(padded)00000000000000000000'::uuid"
    }
}
