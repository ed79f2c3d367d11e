internal import Postgres

/// The days for which there are readings in PostgreSQL.
struct ReadingRetention: Sendable {
    let days: Int

    private static let daysOfReadings = RangePartitions(of: "taskqueue_readings", by: "read_at", hours: 24) { second in
        "to_timestamp(\(second))"
    }
    private static let day: Int64 = 86_400
    private static let deletedMax = 10_000

    /// - Parameter now: In seconds since 1970.
    /// - Returns: The tables that were dropped.
    func enforce(at now: Int64, on connection: PostgresConnection) throws(PostgresError) -> [String] {
        let all = Self.daysOfReadings
        do throws(PostgresError) {
            // Yesterday's too: a reading may have waited for a while.
            try all.create(from: now - Self.day, through: now + 2 * Self.day, on: connection)
            let oldest = now - Int64(days) * Self.day
            var dropped: [String] = []
            for day in try all.list(on: connection) where day.start + all.width <= oldest {
                try all.drop(day, on: connection)
                dropped.append(day.name)
            }
            // Readings that came for days without a table.
            try connection.execute(
                PostgresStatement(
                    """
                    DELETE FROM taskqueue_readings_default WHERE (sensor_id, read_at) IN (
                        SELECT sensor_id, read_at FROM taskqueue_readings_default
                        WHERE read_at < to_timestamp($1::int8) LIMIT \(Self.deletedMax))
                    """), [.int8(oldest)])
            return dropped
        } catch {
            // Another worker is at it, or somebody reads for long.
            guard error.sqlState == .lockNotAvailable else { throw error }
            return []
        }
    }
}
