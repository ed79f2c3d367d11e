import Logging
import Postgres
import Results
import TaskQueue
import TestSupport

/// A result store in a place of its own, with a clock to move and a way to look at its tables.
struct ResultDatabase {
    let pool: PostgresPool
    let results: PostgresResultStore
    let clock: ManualClock

    init(bytesMax: Int64? = nil, isReal: Bool = false) async throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        pool = PostgresPool(try await SharedPostgres.migrated(), logger: logger)
        clock = ManualClock(isReal: isReal)
        results = PostgresResultStore(pool, bytesMax: bytesMax, clock: isReal ? nil : clock.clock, logger: logger)
    }

    /// The first column of the first row, as text.
    func text(_ sql: String, _ parameters: PostgresParameter...) async throws -> String? {
        try await pool.execute(PostgresStatement(sql, isPrepared: false), parameters).first?.optionalText(0)
    }

    /// The tables that hold results, the default aside.
    func spans() async throws -> [String] {
        try await pool.use { (connection) throws(PostgresError) in
            var names: [String] = []
            let rows = try connection.execute(
                """
                SELECT inhrelid::regclass::text FROM pg_inherits
                WHERE inhparent = 'taskqueue_results'::regclass AND inhrelid::regclass::text !~ 'default'
                ORDER BY 1
                """)
            for row in rows { names.append(try row.text(0)) }
            return names
        }
    }

    /// A final record, by default of a task that was made and ended now.
    func record(
        _ task: String = "work", state: TaskState = .success, id: TaskID = TaskID(), retention: Duration = .seconds(60)
    ) -> TaskRecord {
        var record = TaskRecord(id: id, task: task, queue: "default", state: state, enqueuedAt: clock.now)
        record.attempt = 1
        record.startedAt = clock.now
        record.finishedAt = clock.now
        record.worker = "w-1"
        record.fence = 1
        record.result = state == .success ? Array("{\"n\":1}".utf8) : nil
        record.failure = state == .success ? nil : TaskFailure(.failed, "no")
        record.retention = retention
        return record
    }

    /// The id of a task that was made at a time.
    static func id(at time: Timestamp) -> TaskID {
        TaskID(
            high: UInt64(clamping: time.rawValue) << 16 | 0x7000,
            low: UInt64.random(in: .min ... .max) >> 2 | 0x8000_0000_0000_0000)
    }
}
