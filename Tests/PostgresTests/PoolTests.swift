import Logging
import Postgres
import TestSupport
import Testing

@Suite("A pool of connections", .timeLimit(.minutes(2)))
struct PoolTests {
    private func pool(
        _ change: (inout PostgresConfiguration) -> Void = { _ in }
    ) async throws -> PostgresPool {
        var configuration = try await SharedPostgres.database()
        change(&configuration)
        return PostgresPool(configuration, logger: LogBook().logger())
    }

    /// How many statements with this mark in them the server works on.
    private func running(_ mark: String) async throws -> Int64 {
        try await pool().execute(
            """
            SELECT count(*) FROM pg_stat_activity
            WHERE state = 'active' AND query LIKE '%' || $1 || '%' AND pid <> pg_backend_pid()
            """, [.text(mark)]
        )[0].int8(0)
    }

    @Test("serves many callers with few connections")
    func bounded() async throws {
        let pool = try await pool()
        let servers = try await withThrowingTaskGroup(of: Int32.self) { group in
            for _ in 0..<100 {
                group.addTask { try await pool.execute("SELECT pg_backend_pid()")[0].int4(0) }
            }
            return try await group.reduce(into: Set<Int32>()) { $0.insert($1) }
        }
        #expect((1...2).contains(servers.count))
    }

    @Test("turns callers away when too many wait, and those whose time is over")
    func crowded() async throws {
        let pool = try await pool {
            $0.connectionsMax = 1
            $0.waitersMax = 1
        }
        let (held, isHeld) = (Signal(), Signal())
        async let holder: Void = pool.use { (_) throws(PostgresError) in
            isHeld.fire()
            while !held.hasFired {}
        }
        await isHeld.wait()
        let late = await #expect(throws: PostgresError.self) {
            try await pool.use(within: .milliseconds(20)) { (_) throws(PostgresError) in }
        }
        #expect(late?.code == .busy)
        // The one that gave up still stands in the line, which is full by that.
        let crowded = await #expect(throws: PostgresError.self) { try await pool.execute("SELECT 1") }
        #expect(crowded?.code == .busy)
        held.fire()
        try await holder
        #expect(try await pool.execute("SELECT 1::int4")[0].int4(0) == 1)
    }

    @Test("gives up a statement at its deadline, stops it on the server, and goes on with another connection")
    func deadline() async throws {
        let pool = try await pool { $0.connectionsMax = 1 }
        let mark = "deadline_\(UInt64.random(in: .min ... .max))"
        let error = await #expect(throws: PostgresError.self) {
            try await pool.use(within: .milliseconds(300)) { (connection) throws(PostgresError) in
                _ = try connection.execute(PostgresStatement("SELECT pg_sleep(600) /* \(mark) */"))
            }
        }
        #expect(error?.code == .timeout)
        #expect(try await pool.execute("SELECT 1::int4")[0].int4(0) == 1)
        try await eventually("the server has stopped") { try await running(mark) == 0 }
    }

    @Test("cancels on the server what a cancelled caller had asked for")
    func cancellation() async throws {
        let pool = try await pool { $0.connectionsMax = 1 }
        let mark = "cancel_\(UInt64.random(in: .min ... .max))"
        let caller = Task { try await pool.execute(PostgresStatement("SELECT pg_sleep(600) /* \(mark) */")) }
        try await eventually("it runs") { try await running(mark) == 1 }
        caller.cancel()
        let error = await #expect(throws: PostgresError.self) { try await caller.value }
        #expect(error?.code == .cancelled)
        try await eventually("the server has stopped") { try await running(mark) == 0 }
        #expect(try await pool.execute("SELECT 1::int4")[0].int4(0) == 1)
    }

    @Test("throws away connections that the server has closed")
    func closed() async throws {
        let pool = try await pool { $0.connectionsMax = 1 }
        let first = try await pool.execute("SELECT pg_backend_pid()")[0].int4(0)
        let other = try await self.pool()
        try await other.execute("SELECT pg_terminate_backend($1)", [.int4(first)])
        try await eventually("it is gone") {
            try await other.execute("SELECT 1 FROM pg_stat_activity WHERE pid = $1", [.int4(first)]).isEmpty
        }
        #expect(try await pool.execute("SELECT pg_backend_pid()")[0].int4(0) != first)
    }

    @Test("says that a statement may have been done when its connection broke under it")
    func broken() async throws {
        let pool = try await pool { $0.connectionsMax = 1 }
        let mark = "broken_\(UInt64.random(in: .min ... .max))"
        let caller = Task { try await pool.execute(PostgresStatement("SELECT pg_sleep(600) /* \(mark) */")) }
        try await eventually("it runs") { try await running(mark) == 1 }
        try await self.pool().execute(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE query LIKE '%' || $1 || '%' AND pid <> pg_backend_pid()
            """, [.text(mark)])
        let error = await #expect(throws: PostgresError.self) { try await caller.value }
        #expect(error?.sqlState?.rawValue == "57P01" || error?.code == .connectionLost)
        #expect(try await pool.execute("SELECT 1::int4")[0].int4(0) == 1)
    }

    @Test("says in one sentence that there is no server")
    func unreachable() async throws {
        let configuration = try PostgresConfiguration(
            uri: "postgres://u:hunter2@127.0.0.1:\(try FreePort.next())/db")
        let pool = PostgresPool(configuration, logger: LogBook().logger())
        let error = await #expect(throws: PostgresError.self) { try await pool.execute("SELECT 1") }
        #expect(error?.code == .unavailable)
        #expect(error?.description.contains("hunter2") == false)
        #expect(error?.description.contains("\n") == false)
    }

    @Test("leaves no transaction open for the next caller")
    func transactionLeftOpen() async throws {
        let pool = try await pool { $0.connectionsMax = 1 }
        let first = try await pool.use { (connection) throws(PostgresError) in
            try connection.script("BEGIN")
            return try connection.execute("SELECT pg_backend_pid()")[0].int4(0)
        }
        #expect(try await pool.execute("SELECT pg_backend_pid()")[0].int4(0) != first)
    }
}
