import Logging
import Postgres
import Results
import TaskQueue
import TestSupport
import Testing

@Suite("The schema", .timeLimit(.minutes(2)))
struct SchemaTests {
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test("is made once by those who migrate at the same time")
    func concurrent() async throws {
        let configuration = try await SharedPostgres.database()
        let before = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                group.addTask { try ResultSchema.migrations.migrate(on: PostgresConnection(configuration)) }
            }
            return try await group.reduce(into: []) { $0.append($1) }.sorted()
        }
        let version = ResultSchema.migrations.version
        #expect(before.allSatisfy { (0...version).contains($0) } && before.first == 0)
        #expect(try ResultSchema.migrations.version(on: PostgresConnection(configuration)) == version)
    }

    @Test("that is missing or old is named with what to do, at the start and at the first call")
    func missing() async throws {
        let pool = PostgresPool(try await SharedPostgres.database(), logger: logger)
        let results = PostgresResultStore(pool, logger: logger)
        let atStart = await #expect(throws: StoreError.self) { _ = try await results.preflight() }
        #expect(atStart?.code == .incompatible)
        #expect(
            atStart?.message.contains(
                "has schema 0, this binary needs \(ResultSchema.migrations.version): run queuectl migrate") == true)
        let later = await #expect(throws: StoreError.self) { _ = try await results.fetch([TaskID()]) }
        #expect(later?.code == .incompatible && later?.message.contains("run queuectl migrate") == true)
    }

    @Test("that is newer is used, and said to be newer")
    func newer() async throws {
        let database = try await ResultDatabase()
        try await database.pool.execute("UPDATE taskqueue_schema SET version = version + 1 WHERE part = 'results'")
        #expect(try await database.results.preflight().count == 1)
        #expect(try await database.results.record([database.record()]) == [true])
    }

    @Test("a step that fails leaves the version before")
    func failing() async throws {
        let connection = try PostgresConnection(try await SharedPostgres.database())
        let steps = ["CREATE TABLE one (n int)", "CREATE TABLE two (n int); SELECT 1 / 0"]
        let migrations = PostgresMigrations(part: "p", steps: steps, table: "versions")
        _ = #expect(throws: PostgresError.self) { try migrations.migrate(on: connection) }
        #expect(try migrations.version(on: connection) == 1)
        #expect(try connection.execute("SELECT to_regclass('two') IS NULL")[0].bool(0))
        let mended = PostgresMigrations(part: "p", steps: [steps[0], "CREATE TABLE two (n int)"], table: "versions")
        #expect(try mended.migrate(on: connection) == 1)
        #expect(try mended.version(on: connection) == 2)
    }
}
