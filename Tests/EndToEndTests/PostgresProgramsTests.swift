import Foundation
import TaskQueue
import TestSupport
import Testing

@Suite("The programs with results in PostgreSQL", .timeLimit(.minutes(3)))
struct PostgresProgramsTests {
    @Test("migrate, then move a task from the outbox through a worker to its result and its reading")
    func outbox() async throws {
        let server = try await PostgresServer.start("fsync = off")
        let folder = try TemporaryFolder()
        func program(_ name: String, _ arguments: String...) -> Program {
            Program(name, arguments, folder: folder.url.path, environment: ["TASKQUEUE_RESULTS_URL": server.url])
        }
        let early = try await program("worker").run()
        #expect(early.status == 69)
        #expect(early.errors.contains("run queuectl migrate"))
        let first = try await program("queuectl", "migrate").run()
        #expect(first.status == 0)
        #expect(first.output.contains("results: schema 0 is now"))
        #expect(try await program("queuectl", "migrate").run().output.contains("nothing to do"))
        let worker = program("worker")
        try worker.start()
        let id = try await server.sql(
            """
            INSERT INTO taskqueue_outbox (task, payload) VALUES ('store_sensor_data',
                '{"sensor_id": "a", "sensor_type": "temperature", "value": 25.5, "tank_id": "k"}') RETURNING id
            """)
        try await eventually("the result is recorded") {
            try await server.sql("SELECT state FROM taskqueue_results WHERE id = '\(id)'") == "SUCCESS"
        }
        #expect(try await server.sql("SELECT value FROM taskqueue_readings") == "25.5")
        let status = try await program("queuectl", "status", id).run()
        #expect(status.output.contains("SUCCESS"))
        #expect(worker.terminate() == 0)
        await server.stop()
    }

    @Test("say which key is wrong when there is nothing to migrate")
    func nothing() async throws {
        let folder = try TemporaryFolder()
        let result = try await Program("queuectl", ["migrate"], folder: folder.url.path).run()
        #expect(result.status == 64)
        #expect(result.errors.contains("results.url names no PostgreSQL database"))
    }
}
