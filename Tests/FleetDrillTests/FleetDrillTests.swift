import Foundation
import TaskQueue
import TestSupport
import Testing

@Suite("A fleet of worker processes", .serialized, .timeLimit(.minutes(3)))
struct FleetDrillTests {
    @Test("loses nothing when one of its workers is killed again and again, and fills every gap")
    func killed() async throws {
        let fleet = try await FleetUnderTest(["--min", "3"])
        try await fleet.hasWorkers(3)
        var ids: [TaskID] = []
        for round in 1...6 {
            ids += try await fleet.submit(500, milliseconds: 2)
            let victim = try #require(fleet.pids.randomElement())
            kill(victim, SIGKILL)
            try await eventually("the gap is filled") { fleet.count("worker process started", "reason=crash") == round }
        }
        try await fleet.ended()
        let records = try await fleet.records(ids)
        #expect(records.count == 3000 && records.allSatisfy { $0.state == .success })
        #expect(await fleet.stop() == 0)
        #expect(fleet.pids.isEmpty)
    }

    @Test("leaves no orphan when its supervisor is killed: workers drain, and what is left is another fleet's")
    func supervisorKilled() async throws {
        let fleet = try await FleetUnderTest(["--min", "2"])
        try await fleet.hasWorkers(2)
        var ids = try await fleet.submit(1000, milliseconds: 20)
        try await eventually("work flows") { try await fleet.broker.queues().contains { $0.finished > 50 } }
        await fleet.killSupervisor()
        try await eventually("both have noticed and left") { fleet.count("worker stopped") == 2 }
        #expect(fleet.count("the supervisor is gone") == 2)
        #expect(try await fleet.broker.workers().isEmpty)
        let waiting = try await fleet.broker.queues().first
        #expect(waiting?.processing == 0)
        ids += try await fleet.submit(10)
        let heir = try await FleetUnderTest(["--min", "2"], on: fleet.server)
        try await heir.ended()
        let records = try await heir.records(ids)
        #expect(records.count == 1010 && records.allSatisfy { $0.state == .success && $0.attempt == 1 })
        #expect(await heir.stop() == 0)
    }

    @Test("rolls under load without a failure, no attempt is charged, and what the old workers counted stays")
    func roll() async throws {
        let probe = Probe(port: try FreePort.next())
        let fleet = try await FleetUnderTest(["--min", "2", "--health-listen", "127.0.0.1:\(probe.port)"])
        try await fleet.hasWorkers(2)
        try await eventually("it is ready") { await probe.status("readyz") == 200 }
        var ids = try await fleet.submit(200, milliseconds: 5)
        try await eventually("both are known") { try await fleet.broker.workers().count == 2 }
        let before = Set(try await fleet.broker.workers().map(\.worker))
        fleet.signal(SIGHUP)
        try await eventually("both are replaced") {
            ids += try await fleet.submit(20, milliseconds: 5)
            return fleet.count("worker process ended", "exit status 0") == 2
        }
        try await fleet.ended()
        #expect(fleet.count("worker process started", "reason=hangup") == 2)
        #expect(Set(try await fleet.broker.workers().map(\.worker)).isDisjoint(with: before))
        let records = try await fleet.records(ids)
        #expect(records.count == ids.count)
        #expect(records.allSatisfy { $0.state == .success && $0.attempt == 1 && $0.history.isEmpty })
        let counted = #"taskqueue_tasks_total{task="nap",queue="default",state="SUCCESS"} \#(ids.count)"#
        try await eventually("all are counted") { try await probe.get("metrics").body.contains(counted + "\n") }
        // Each worker's own figures come with its next report.
        for line in [
            #"taskqueue_fleet_restarts_total{reason="hangup"} 2"#, #"taskqueue_fleet_workers{state="ready"} 2"#,
            "taskqueue_fleet_workers_desired 2", #"taskqueue_worker_slots{state="free"} 32"#,
        ] {
            try await eventually("the page says \(line)") {
                try await probe.get("metrics").body.contains(line + "\n")
            }
        }
        #expect(await fleet.stop() == 0)
    }

    @Test("rolls by itself when the program on disk is a new one")
    func newProgram() async throws {
        let folder = try TemporaryFolder()
        let program = folder.path("program")
        try FileManager.default.createSymbolicLink(
            atPath: program, withDestinationPath: FleetUnderTest.path("drill-worker"))
        let fleet = try await FleetUnderTest(["--min", "1", "--program", program])
        try await fleet.hasWorkers(1)
        // Another file of the same kind, as a deploy would put there.
        let next = folder.path("next")
        try FileManager.default.copyItem(atPath: FleetUnderTest.path("drill-worker"), toPath: next)
        try FileManager.default.removeItem(atPath: program)
        try FileManager.default.createSymbolicLink(atPath: program, withDestinationPath: next)
        try await eventually("the worker is replaced") {
            fleet.count("worker process started", "reason=binary") == 1
                && fleet.count("worker process ended", "exit status 0") == 1
        }
        #expect(await fleet.stop() == 0)
    }

    @Test("goes on while one bad task kills worker after worker, until it is quarantined")
    func crashLoop() async throws {
        let fleet = try await FleetUnderTest(["--min", "2"])
        try await fleet.hasWorkers(2)
        let deadly = try await fleet.submit(1, isDeadly: true) { $0.deathLimit = 3 }
        let others = try await fleet.submit(300, milliseconds: 5)
        try await fleet.ended()
        let record = try #require(try await fleet.records(deadly).first)
        #expect(record.state == .failure && record.failure?.reason == .quarantined)
        #expect(try await fleet.records(others).allSatisfy { $0.state == .success })
        try await eventually("every place is filled") { fleet.count("worker process started", "reason=crash") == 3 }
        #expect(await fleet.stop() == 0)
    }

    @Test(
        "replaces a worker in which a handler never returns, and nothing else is harmed",
        arguments: ["hang_on_thread", "hang_on_pool"])
    func stuck(_ task: String) async throws {
        // What waits for a thread of the stuck worker goes back when the grace is over.
        let short = ["TASKQUEUE_WORKER_GRACE_SECONDS=1", "TASKQUEUE_WORKER_STOP_SECONDS=1"]
        let fleet = try await FleetUnderTest(["--min", "1"], environment: short + ["TASKQUEUE_WORKER_THREADS=1"])
        try await fleet.hasWorkers(1)
        // As many as the pool of all Swift tasks has threads, and more.
        let stuck = try await fleet.submit(3, task)
        try await eventually("they are given up") { fleet.count("abandoned an attempt") >= 3 }
        let others = try await fleet.submit(50, milliseconds: 1)
        try await eventually("the worker is replaced") {
            fleet.count("worker process started", "reason=stuck") >= 1
                && fleet.count("worker process ended", "exit status 0") >= 1
        }
        try await fleet.ended()
        for record in try await fleet.records(stuck) {
            #expect(record.state == .failure && record.failure?.reason == .timedOut && record.attempt == 1)
        }
        #expect(try await fleet.records(others).allSatisfy { $0.state == .success && $0.attempt == 1 })
        #expect(await fleet.stop() == 0)
    }

    @Test("recycles workers that have run enough tasks, none of them interrupted")
    func recycle() async throws {
        let fleet = try await FleetUnderTest(["--min", "2"], environment: ["TASKQUEUE_FLEET_RECYCLE_TASKS=100"])
        try await fleet.hasWorkers(2)
        var ids: [TaskID] = []
        try await eventually("both were recycled") {
            ids += try await fleet.submit(50, milliseconds: 5)
            return fleet.count("worker process ended", "reason=exit status 0") >= 2
        }
        try await fleet.ended()
        #expect(fleet.count("worker process started", "reason=tasks") >= 2)
        #expect(fleet.count("worker process ended") == fleet.count("worker process ended", "exit status 0"))
        let records = try await fleet.records(ids)
        #expect(records.count == ids.count)
        #expect(records.allSatisfy { $0.state == .success && $0.attempt == 1 && $0.history.isEmpty })
        #expect(await fleet.stop() == 0)
    }

    @Test("a worker without a fleet that has run enough tasks drains and ends well")
    func alone() async throws {
        // It has no workers of its own to take the tasks.
        let fleet = try await FleetUnderTest(["--min", "0", "--program", "/no/such/program"])
        let ids = try await fleet.submit(200, milliseconds: 1)
        let folder = try TemporaryFolder()
        let words = ["env", "TASKQUEUE_FLEET_RECYCLE_TASKS=50", FleetUnderTest.path("drill-worker")]
        let worker = try await ServerProcess(
            words + ["--broker-url", fleet.server.url, "--concurrency", "1"], output: folder.path("log"))
        #expect(await worker.waitForExit() == 0)
        let ended = try await fleet.records(ids).filter { $0.state == .success }
        #expect(ended.count >= 50)
        #expect(
            try await fleet.records(ids).allSatisfy { $0.history.isEmpty && ($0.state == .success || $0.attempt == 0) })
        #expect(await fleet.stop() == 0)
    }

    @Test("drains at the first signal, and hands back at the second")
    func stop() async throws {
        let fleet = try await FleetUnderTest(["--min", "2", "--concurrency", "2", "--grace", "1h"])
        try await fleet.hasWorkers(2)
        let ids = try await fleet.submit(4, milliseconds: 600_000)
        try await eventually("all run") { try await fleet.broker.queues().first?.processing == 4 }
        fleet.signal(SIGTERM)
        try await eventually("both drain") { fleet.count("draining delay_seconds") == 2 }
        #expect(fleet.pids.count == 2)
        #expect(await fleet.stop() == 0)
        for record in try await fleet.records(ids) { #expect(record.state == .pending && record.attempt == 0) }
        #expect(try await fleet.broker.workers().isEmpty)
    }

    @Test("grows with what waits, and shrinks again without interrupting a task")
    func scale() async throws {
        let fleet = try await FleetUnderTest(
            ["--min", "1", "--max", "4", "--concurrency", "4"],
            environment: ["TASKQUEUE_AUTOSCALE_DOWN_SECONDS=2", "TASKQUEUE_AUTOSCALE_TARGET_WAIT=1s"])
        try await fleet.hasWorkers(1)
        let ids = try await fleet.submit(800, milliseconds: 50)
        try await fleet.hasWorkers(4)
        try await fleet.ended()
        try await eventually("it has shrunk again") { fleet.pids.count == 1 }
        let records = try await fleet.records(ids)
        #expect(records.count == 800)
        #expect(records.allSatisfy { $0.state == .success && $0.attempt == 1 && $0.history.isEmpty })
        #expect(fleet.count("draining a worker", "scale_in") == 3 && fleet.count("signal 9") == 0)
        #expect(await fleet.stop() == 0)
    }

    @Test("whose program does not start waits longer and longer, and can be stopped")
    func badProgram() async throws {
        let fleet = try await FleetUnderTest(["--min", "1", "--program", "/no/such/program"])
        try await eventually("it has tried several times") { fleet.count("worker process ended", "not started") >= 3 }
        #expect(await fleet.stop() == 0)
    }
}
