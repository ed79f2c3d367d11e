import ArgumentParser
import Foundation
import Logging
import Postgres
import Results
import TaskQueue

/// How quick questions are when there are millions of records, and how quick a day of readings goes.
struct PostgresMillions: AsyncParsableCommand {
    @Option var postgres: String
    @Option var rows = 10_000_000
    @Option var readings = 1_000_000

    func run() async throws {
        var configuration = try PostgresConfiguration(uri: postgres)
        configuration.timeout = .seconds(7200)
        let pool = PostgresPool(configuration, logger: RedisConnectionOptions.logger)
        let store = PostgresResultStore(pool, logger: RedisConnectionOptions.logger)
        try await pool.use { (connection) throws(PostgresError) in
            _ = try ResultSchema.migrations.migrate(on: connection)
        }
        _ = try await store.preflight()
        let there = try await pool.execute("SELECT count(*) FROM taskqueue_results")[0].int8(0)
        if there < Int64(rows) { try await fill(pool, store) }
        try await questions(store)
        try await dropping(pool)
    }

    /// A day and a half of tasks, in the order in which they would have come.
    private func fill(_ pool: PostgresPool, _ store: PostgresResultStore) async throws {
        let start = ContinuousClock.now
        let now = Timestamp.now.rawValue / 1000
        try await pool.use { (connection) throws(PostgresError) in
            try ResultSchema.makeSpans(from: now - 129_600, through: now, on: connection)
        }
        for portion in 0..<20 {
            let (first, last) = (rows / 20 * portion, rows / 20 * (portion + 1) - 1)
            try await pool.execute(
                PostgresStatement(
                    """
                    INSERT INTO taskqueue_results (id, enqueued_at, started_at, finished_at, expires_at, fence, attempt,
                        max_attempts, task, queue, state, worker, result, error)
                    SELECT (lpad(to_hex((extract(epoch FROM t) * 1000)::bigint), 12, '0') || '7'
                            || lpad(to_hex(n % 4096), 3, '0') || '8' || substr(md5(n::text), 1, 15))::uuid,
                        t, t, t, t + interval '7 days', 1, 1, 4,
                        CASE WHEN n % 100000 = 7 THEN 'rare' ELSE 'task_' || n % 20 END,
                        CASE WHEN n % 50000 = 9 THEN 'quiet' ELSE 'queue_' || n % 5 END,
                        CASE WHEN n % 10000 = 3 THEN 'FAILURE' ELSE 'SUCCESS' END, 'worker-' || n / 20000 % 50,
                        CASE WHEN n % 10000 = 3 THEN NULL ELSE '{"done":true}'::jsonb END,
                        CASE WHEN n % 10000 = 3 THEN '{"reason":"failed","message":"no"}'::jsonb END
                    FROM (SELECT n, to_timestamp(\(now - 129_600)) + n * interval '129600 seconds' / \(rows) AS t
                        FROM generate_series(\(first), \(last)) n) made
                    """, isPrepared: false))
        }
        try await pool.execute(PostgresStatement("ANALYZE taskqueue_results", isPrepared: false))
        say("\(rows) records made in \((ContinuousClock.now - start).inSeconds) s")
    }

    private func questions(_ store: PostgresResultStore) async throws {
        var middle: TaskID?
        try await measure("first page") { try await store.list(TaskFilter(limit: 50)) }
        for (name, change) in [
            ("state FAILURE", { $0.state = .failure }), ("state SUCCESS", { $0.state = .success }),
            ("a rare task", { $0.task = "rare" }), ("a frequent task", { $0.task = "task_3" }),
            ("a quiet queue", { $0.queue = "quiet" }), ("a worker", { $0.worker = "worker-7" }),
            ("a frequent task's failures", { ($0.task, $0.state) = ("task_3", .failure) }),
            ("a rare task's failures (none)", { ($0.task, $0.state) = ("rare", .failure) }),
            ("the last minute", { $0.since = .now + .seconds(-60) }),
        ] as [(String, (inout TaskFilter) -> Void)] {
            var filter = TaskFilter(limit: 50)
            change(&filter)
            let page = try await measure(name) { try await store.list(filter) }
            middle = middle ?? page.last?.id
            if let last = page.last?.id {
                filter.before = last
                try await measure("\(name), second page") { try await store.list(filter) }
            }
        }
        let ids = try await store.list(TaskFilter(limit: 1000)).map(\.id)
        try await measure("status of one") { try await Array(store.fetch(Array(ids.prefix(1))).values) }
        try await measure("status of 1,000") { try await Array(store.fetch(ids).values) }
        try await measure("status of an unknown id") { try await Array(store.fetch([TaskID()]).values) }
    }

    @discardableResult
    private func measure(_ name: String, _ body: () async throws -> [TaskRecord]) async throws -> [TaskRecord] {
        var times: [Double] = []
        var page: [TaskRecord] = []
        for _ in 0..<21 {
            let start = ContinuousClock.now
            page = try await body()
            times.append((ContinuousClock.now - start).inSeconds * 1000)
        }
        times.sort()
        say(String(format: "%@: %d records, median %.1f ms, most %.1f ms", name, page.count, times[10], times[20]))
        return page
    }

    /// A table cut by days, as that of readings is.
    private func dropping(_ pool: PostgresPool) async throws {
        let count = readings
        let (time, left) = try await pool.use { (connection) throws(PostgresError) in
            try connection.script(
                """
                DROP TABLE IF EXISTS bench_readings;
                CREATE TABLE bench_readings (
                    sensor_id text NOT NULL, read_at timestamptz NOT NULL, value float8 NOT NULL,
                    PRIMARY KEY (sensor_id, read_at)) PARTITION BY RANGE (read_at);
                CREATE TABLE bench_readings_default PARTITION OF bench_readings DEFAULT
                """)
            let days = RangePartitions(of: "bench_readings", by: "read_at", hours: 24) { "to_timestamp(\($0))" }
            try days.create(from: 0, through: 86_400, on: connection)
            try connection.script(
                """
                INSERT INTO bench_readings SELECT 'sensor_' || n % 1000, to_timestamp(n * 86400.0 / \(count)), 20
                FROM generate_series(0, \(count - 1)) n
                """)
            let start = ContinuousClock.now
            for day in try days.list(on: connection) where day.start == 0 { try days.drop(day, on: connection) }
            let time = (ContinuousClock.now - start).inSeconds * 1000
            return (time, try connection.execute("SELECT count(*) FROM bench_readings")[0].int8(0))
        }
        say("dropped a day of \(count) readings in \(time) ms, \(left) left")
    }
}
