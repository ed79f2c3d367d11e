import Logging
import Postgres
import TestSupport
import Testing

@Suite("A table cut into spans", .timeLimit(.minutes(1)))
struct RangePartitionsTests {
    private static let days = RangePartitions(of: "kept", by: "at", hours: 24) { "to_timestamp(\($0))" }

    private static let schema = """
        CREATE TABLE kept (at timestamptz NOT NULL) PARTITION BY RANGE (at);
        CREATE TABLE kept_default PARTITION OF kept DEFAULT
        """

    @Test("takes what the default holds, that of a transaction which has not ended included")
    func late() async throws {
        let configuration = try await SharedPostgres.database()
        let (writer, observer) = (try PostgresConnection(configuration), try PostgresConnection(configuration))
        try writer.script(Self.schema)
        try writer.script("INSERT INTO kept VALUES (to_timestamp(0))")
        try writer.script("BEGIN; INSERT INTO kept VALUES (to_timestamp(1))")
        let pool = PostgresPool(configuration, logger: Logger(label: "spans"))
        async let making: Void = pool.use { (connection) throws(PostgresError) in
            try Self.days.create(from: 0, through: 0, on: connection)
        }
        try await eventually("the one who cuts waits for the writer") {
            try observer.execute(
                """
                SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
                """
            ).count == 1
        }
        try writer.script("COMMIT")
        try await making
        let counts = try observer.execute(
            "SELECT (SELECT count(*) FROM ONLY kept_19700101_00), (SELECT count(*) FROM ONLY kept_default)")[0]
        #expect(try counts.int8(0) == 2)
        #expect(try counts.int8(1) == 0)
    }
}
