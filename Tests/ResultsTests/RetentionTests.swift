import Postgres
import Results
import TaskQueue
import TestSupport
import Testing

@Suite("Results that are old", .timeLimit(.minutes(2)))
struct RetentionTests {
    private static let hour: Int64 = 3_600_000

    @Test("go with their table once the last of it may, and tables for what comes are there before")
    func dropped() async throws {
        let database = try await ResultDatabase()
        _ = try await database.results.preflight()
        let first = try await database.spans()
        #expect(first.count >= 9)
        let now = database.clock.now
        let brief = database.record(id: ResultDatabase.id(at: now), retention: .seconds(60))
        let long = database.record(id: ResultDatabase.id(at: now), retention: .seconds(86_400))
        _ = try await database.results.record([brief, long])
        #expect(try await database.text("SELECT count(*)::text FROM taskqueue_results_default") == "0")
        database.clock.advance(by: .seconds(12 * 3600 + 60))
        _ = try await database.results.prune()
        #expect(try await database.results.fetch([brief.id, long.id]).count == 1)
        #expect(try await database.text("SELECT count(*)::text FROM taskqueue_results") == "2")
        database.clock.advance(by: .seconds(13 * 3600))
        _ = try await database.results.prune()
        #expect(try await database.text("SELECT count(*)::text FROM taskqueue_results") == "0")
        let last = try await database.spans()
        #expect(first.first.map(last.contains) == false && last.count >= 9)
    }

    @Test("stay if another was written to their table just as it was to go")
    func late() async throws {
        let database = try await ResultDatabase()
        _ = try await database.results.preflight()
        let now = database.clock.now
        let old = database.record(id: ResultDatabase.id(at: now), retention: .seconds(60))
        _ = try await database.results.record([old])
        database.clock.advance(by: .seconds(13 * 3600))
        let late = ResultDatabase.id(at: now)
        let writer = try PostgresConnection(database.pool.configuration)
        try writer.script(
            """
            BEGIN; INSERT INTO taskqueue_results (
                id, enqueued_at, finished_at, expires_at, fence, attempt, task, queue, state)
            VALUES ('\(late)', now(), now(), 'infinity', 1, 1, 'work', 'default', 'SUCCESS')
            """)
        let pruned = Signal()
        async let pruning = {
            defer { pruned.fire() }
            return try await database.results.prune()
        }()
        // The look has not seen what is not committed; what comes after it must wait for the writer, or give up.
        let observer = try PostgresConnection(database.pool.configuration)
        try await eventually("the one who drops waits for the writer") {
            let waiting = try observer.execute(
                "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
            return pruned.hasFired || waiting.count == 1
        }
        try writer.script("COMMIT")
        _ = try await pruning
        #expect(try await database.text("SELECT count(*)::text FROM taskqueue_results") == "2")
    }

    @Test("give way before their time when the disk space allowed is used up, never those of now")
    func byBytes() async throws {
        let database = try await ResultDatabase(bytesMax: 1)
        _ = try await database.results.preflight()
        let old = database.record(id: ResultDatabase.id(at: database.clock.now), retention: .seconds(90 * 86_400))
        _ = try await database.results.record([old])
        database.clock.advance(by: .seconds(7 * 3600))
        let new = database.record(id: ResultDatabase.id(at: database.clock.now), retention: .seconds(90 * 86_400))
        _ = try await database.results.record([new])
        _ = try await database.results.prune()
        #expect(Set(try await database.results.fetch([old.id, new.id]).keys) == [new.id])
    }

    @Test("of no table's time are kept too, and move when a table for them is made")
    func strays() async throws {
        let database = try await ResultDatabase()
        let later = database.clock.now + .seconds(20 * 86_400)
        let ahead = database.record(id: ResultDatabase.id(at: later), retention: .seconds(40 * 86_400))
        let foreign = database.record(id: TaskID(high: 0xFFFF_FFFF_0000_4000, low: 1 << 63), retention: .seconds(60))
        #expect(try await database.results.record([ahead, foreign]) == [true, true])
        #expect(try await database.results.fetch([ahead.id, foreign.id]).count == 2)
        #expect(try await database.text("SELECT count(*)::text FROM taskqueue_results_default") == "2")
        database.clock.advance(by: .seconds(20 * 86_400))
        #expect(try await database.results.prune() == 1)
        #expect(try await database.text("SELECT count(*)::text FROM taskqueue_results_default") == "0")
        #expect(try await database.results.fetch([ahead.id]).count == 1)
        // The first record of a task stands, wherever it lies.
        #expect(try await database.results.record([ahead]) == [false])
    }

    @Test("are looked after by many at the same time without harm")
    func concurrent() async throws {
        let database = try await ResultDatabase()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { _ = try await database.results.prune() } }
            try await group.waitForAll()
        }
        #expect(try await database.spans().count >= 9)
    }
}
