import Foundation
import TestSupport
import Testing

@Suite("A worker that is probed", .timeLimit(.minutes(3)))
struct HealthTests {
    private func worker(
        _ folder: TemporaryFolder, _ arguments: [String] = [], environment: [String: String] = [:]
    ) throws -> (program: Program, probe: Probe) {
        let port = try FreePort.next()
        let address = ["--health-listen", "127.0.0.1:\(port)"]
        let program = Program("worker", arguments + address, folder: folder.url.path, environment: environment)
        return (program, Probe(port: port))
    }

    @Test("is alive, becomes ready, and tells every promised metric of what it did")
    func metrics() async throws {
        let folder = try TemporaryFolder()
        let (worker, probe) = try worker(folder)
        try worker.start()
        try await eventually("it is ready") { await probe.status("readyz") == 200 }
        #expect(try await probe.get("livez").status == 200)
        let sent = try await Program(
            "enqueue",
            [
                "send_alert", "--input", #"{"severity":"info","message":"hello","labels":{"kind":"mortality"}}"#,
                "--wait",
            ],
            folder: folder.url.path
        ).run()
        #expect(sent.status == 0)
        // The outcome is counted when the broker has taken it, which the client may hear of first.
        let counted = #"taskqueue_tasks_total{task="send_alert",queue="default",state="SUCCESS"} 1"#
        try await eventually("the task is counted") { try await probe.get("metrics").body.contains(counted) }
        let page = try await probe.get("metrics").body
        for line in [
            #"taskqueue_task_duration_seconds_count{task="send_alert"} 1"#,
            #"taskqueue_task_wait_seconds_count{queue="default"} 1"#, "taskqueue_lease_lost_total 0",
            "taskqueue_redeliveries_total 0", #"taskqueue_queue_depth{queue="default",state="ready"} 0"#,
            #"taskqueue_queue_oldest_age_seconds{queue="default"} 0"#, #"taskqueue_workers{state="idle"} 1"#,
            #"taskqueue_worker_slots{state="free"} 16"#, "# TYPE taskqueue_task_duration_seconds histogram",
            "# TYPE process_resident_memory_bytes gauge", "taskqueue_results_up 1",
            #"taskqueue_alerts_total{kind="mortality",severity="info"} 1"#,
            #"taskqueue_alerts_total{kind="water_quality",severity="critical"} 0"#,
        ] {
            #expect(page.contains(line), "\(line)")
        }
        #expect(worker.terminate() == 0)
    }

    @Test("a port that is taken ends it before it claims anything")
    func portInUse() async throws {
        let folder = try TemporaryFolder()
        let other = try await ScratchHTTPServer.start()
        let enqueued = try await Program(
            "enqueue", ["send_alert", "--set", "severity=info", "--set", "message=hello"], folder: folder.url.path
        ).run()
        #expect(enqueued.status == 0)
        let result = try await Program(
            "worker", ["--health-listen", "127.0.0.1:\(other.port)"], folder: folder.url.path
        ).run()
        #expect(result.status == 69)
        #expect(result.errors.contains("error: can't listen on 127.0.0.1:\(other.port): something else listens there"))
        let queues = try await Program("queuectl", ["queues", "--json"], folder: folder.url.path).run()
        #expect(queues.output.contains(#""ready":1"#))
    }

    @Test("an address that makes no sense is a complaint about the configuration")
    func badAddress() async throws {
        let folder = try TemporaryFolder()
        let result = try await Program("worker", ["--health-listen", "9100"], folder: folder.url.path).run()
        #expect(result.status == 64)
        #expect(result.errors.contains("worker.health_listen: must be HOST:PORT, as 127.0.0.1:9100"))
    }

    @Test("does not look alive once its broker is gone or silent, and recovers with it", arguments: [true, false])
    func brokerGone(_ isSilent: Bool) async throws {
        let folder = try TemporaryFolder()
        let server = try await RedisServer.start()
        let (worker, probe) = try worker(
            folder, ["--broker-url", server.url], environment: ["TASKQUEUE_WORKER_LEASE_SECONDS": "1"])
        try worker.start()
        try await eventually("it is ready") { await probe.status("readyz") == 200 }
        if isSilent { server.pause() } else { await server.kill() }
        try await eventually("it is not ready") { await probe.status("readyz") == 503 }
        try await eventually("it is dead") { await probe.status("livez") == 503 }
        let problem = try await probe.get("livez")
        #expect(problem.type == "application/problem+json")
        #expect(problem.body.contains("the worker has not heard from its broker for"))
        #expect(try await probe.get("metrics").body.contains("taskqueue_broker_up 0"))
        if isSilent { server.resume() } else { try await server.restart() }
        try await eventually("it is alive again") { await probe.status("livez") == 200 }
        try await eventually("it is ready again") { await probe.status("readyz") == 200 }
        let page = try await probe.get("metrics").body
        let reconnects = page.split(separator: "\n").first { $0.hasPrefix("taskqueue_broker_reconnects_total ") }
        let count = try #require(reconnects?.split(separator: " ").last.flatMap { Int($0) })
        // A server that was silent for a moment may still have its connections.
        #expect(isSilent || count > 0)
        #expect(worker.terminate() == 0)
    }

    @Test("a client that never ends its request does not hold up the end")
    func slowClient() async throws {
        let folder = try TemporaryFolder()
        let (worker, probe) = try worker(folder)
        try worker.start()
        try await eventually("it is ready") { await probe.status("readyz") == 200 }
        let half = try HalfRequest(port: probe.port)
        #expect(try await probe.get("livez").status == 200)
        #expect(worker.terminate() == 0)
        half.close()
    }
}
