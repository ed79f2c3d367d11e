import Logging
import Postgres
import TaskQueue
import Tasks
import TestSupport
import Testing

@Suite("Readings in PostgreSQL", .timeLimit(.minutes(2)))
struct PostgresReadingStoreTests {
    private let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func place() async throws -> PostgresPool {
        var configuration = try await SharedPostgres.database()
        configuration.connectionsMax = 4
        let pool = PostgresPool(configuration, logger: quiet)
        _ = try PostgresReadingStore.migrations(in: "versions").migrate(on: PostgresConnection(configuration))
        return pool
    }

    private func reading(_ index: Int, sensor: String = "s", base: Timestamp = .now) -> Reading {
        Reading(
            sensorID: sensor, sensorType: "t", tankID: "k", value: 20 + Double(index * 7 % 5),
            timestamp: Timestamp(rawValue: base.rawValue / 1000 * 1000 + Int64(index) * 1000))
    }

    @Test("are scored as those in a file are, whatever the batches and however many workers")
    func sameAsFile() async throws {
        let folder = try TemporaryFolder()
        let file = try SQLiteReadingStore(path: folder.path("readings.sqlite"))
        let pool = try await place()
        let stores = [PostgresReadingStore(pool, logger: quiet), PostgresReadingStore(pool, logger: quiet)]
        let base = Timestamp.now
        var next = 0
        for size in [1, 30, 2, 17, 50] {
            // The last of the batch before comes again, and again within the batch.
            let batch = ((max(0, next - 1)..<next + size) + [next]).map { reading($0, base: base) }
            next += size
            #expect(try await stores[size % 2].store(batch) == file.store(batch))
        }
    }

    @Test("of one sensor, heard by many workers at once, are all counted")
    func concurrent() async throws {
        let pool = try await place()
        let base = Timestamp.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<4 {
                let store = PostgresReadingStore(pool, logger: quiet)
                group.addTask {
                    for round in 0..<10 {
                        let batch = (0..<10).flatMap { index in
                            ["b", "a"].map { self.reading(worker * 1000 + round * 10 + index, sensor: $0, base: base) }
                        }
                        _ = try await store.store(worker.isMultiple(of: 2) ? batch : batch.reversed())
                    }
                }
            }
            try await group.waitForAll()
        }
        let row = try await pool.execute(
            "SELECT count(*), (SELECT min(count) FROM taskqueue_sensors) FROM taskqueue_readings")[0]
        #expect(try row.int8(0) == 800)
        #expect(try row.double(1) == 400)
    }

    @Test("go a day at a time")
    func retention() async throws {
        let pool = try await place()
        let store = PostgresReadingStore(pool, days: 90, logger: quiet)
        let now = Timestamp.now
        _ = try await store.store([reading(0, base: now)])
        #expect(try await store.maintain(at: now).isEmpty)
        let later = now + .seconds(92 * 86_400)
        #expect(try await store.maintain(at: later).count >= 2)
        #expect(try await pool.execute("SELECT count(*) FROM taskqueue_readings")[0].int8(0) == 0)
        // What the sensor usually says is remembered.
        #expect(try await pool.execute("SELECT count(*) FROM taskqueue_sensors")[0].int8(0) == 1)
    }

    @Test("that came for a day without a table are kept, and go when their time is over")
    func strays() async throws {
        let pool = try await place()
        let store = PostgresReadingStore(pool, days: 90, logger: quiet)
        let old = Timestamp.now + .seconds(-89 * 86_400)
        _ = try await store.store([reading(0, base: old)])
        #expect(try await pool.execute("SELECT count(*) FROM taskqueue_readings_default")[0].int8(0) == 1)
        try await store.maintain(at: .now + .seconds(2 * 86_400))
        #expect(try await pool.execute("SELECT count(*) FROM taskqueue_readings_default")[0].int8(0) == 0)
    }

    @Test("without tables say what to do")
    func missing() async throws {
        let pool = PostgresPool(try await SharedPostgres.database(), logger: quiet)
        let store = PostgresReadingStore(pool, logger: quiet)
        let error = await #expect(throws: StoreError.self) { _ = try await store.store([self.reading(0)]) }
        #expect(error?.code == .incompatible && error?.message.contains("run queuectl migrate") == true)
    }
}
