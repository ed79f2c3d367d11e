import Embedded
import Foundation
import Logging
import TaskQueue
import TestSupport
import Testing

@Suite("queuectl, as an operator runs it", .timeLimit(.minutes(3)))
struct OperatingTests {
    private let folder: TemporaryFolder
    private let broker: SQLiteBroker
    private let results: SQLiteResultStore
    private let client: TaskClient

    init() throws {
        folder = try TemporaryFolder()
        let file = try SQLiteFile(path: folder.path("queue.sqlite"))
        broker = SQLiteBroker(file, recordsOutcomes: true)
        results = SQLiteResultStore(file)
        client = TaskClient(broker: broker, results: results)
    }

    private func queuectl(_ arguments: String...) async throws -> (status: Int32, output: String, errors: String) {
        try await Program("queuectl", arguments, folder: folder.url.path).run()
    }

    private func enqueue(_ task: String = "work", queue: String = "default") async throws -> TaskID {
        let message = TaskMessage(task: task, queue: queue, payload: Array(#"{"tank":7}"#.utf8))
        _ = try await client.enqueue([message])
        return message.id
    }

    /// Lets a task fail for good, so that its letter is kept.
    private func bury(_ task: String = "work", queue: String = "default") async throws -> TaskID {
        let id = try await enqueue(task, queue: queue)
        let lease = WorkerLease(worker: "gravedigger", duration: .seconds(60))
        let claim = Claim(count: 1, tasks: [task])
        let delivery = try #require(try await broker.exchange([], claiming: claim, as: lease).deliveries.first)
        var record = TaskRecord(settling: delivery, as: .failure, at: .now, worker: lease.worker)
        record.failure = TaskFailure(.failed, "no water")
        _ = try await broker.exchange([Settlement(delivery, .finish(record))], claiming: nil, as: lease)
        try await broker.release(lease)
        return id
    }

    @Test("explains a task on its way: nobody works, paused, behind others, held, ended")
    func explain() async throws {
        let first = try await enqueue()
        let second = try await enqueue()
        #expect(try await queuectl("explain", "\(first)").output.hasPrefix("No living worker has a lease"))
        _ = try await queuectl("pause", "default")
        #expect(try await queuectl("explain", "\(first)").output.hasPrefix("Queue 'default' is paused"))
        _ = try await queuectl("resume", "default")
        let lease = WorkerLease(worker: "w-1", duration: .seconds(600))
        // It has no room, so that it is not suspected of passing the tasks over.
        _ = try await enqueue("other", queue: "other")
        _ = try await broker.exchange([], claiming: Claim(count: 1, tasks: ["other"]), as: lease)
        let behind = try await queuectl("explain", "\(second)", "--json")
        #expect(behind.output.contains(#""cause":"behind""#) && behind.output.contains(#""status":"PENDING""#))
        #expect(behind.output.contains("1 task accepted earlier"))
        let claim = Claim(count: 1, tasks: ["work"])
        _ = try await broker.exchange([], claiming: claim, as: lease)
        #expect(try await queuectl("explain", "\(first)").output.hasPrefix("Worker w-1 holds it since"))
        let failed = try await bury("hopeless")
        let ended = try await queuectl("explain", "\(failed)")
        #expect(ended.output.contains("by gravedigger: failed: no water."))
        #expect(ended.output.contains("queuectl retry \(failed)"))
        #expect(try await queuectl("explain", "\(TaskID())").status == 66)
        #expect(try await queuectl("explain", "x").status == 64)
    }

    @Test("shows a dead letter with its input")
    func deadShow() async throws {
        let id = try await bury()
        let text = try await queuectl("dead", "show", "\(id)")
        #expect(text.status == 0)
        #expect(text.output.contains("failed: no water") && text.output.contains(#"input {"tank":7}"#))
        let json = try await queuectl("dead", "show", "\(id)", "--json")
        #expect(json.output.contains(#""input":{"tank":7}"#) && json.output.contains(#""priority":5"#))
        let missing = try await queuectl("dead", "show", "\(TaskID())")
        #expect(missing.status == 66 && missing.errors.contains("no dead letter has the id"))
    }

    @Test("retries one letter, all of a kind, or all; each becomes a new task")
    func deadRetry() async throws {
        let one = try await bury("a")
        let others = [try await bury("b"), try await bury("b", queue: "slow"), try await bury("c")]
        let retried = try await queuectl("dead", "retry", "\(one)", "--json")
        #expect(retried.status == 0 && retried.output.contains(#""retry_of":"\#(one)""#))
        let kind = try await queuectl("dead", "retry", "--all", "--task", "b", "--queue", "slow")
        let ids = kind.output.split(separator: "\n").compactMap { TaskID(String($0)) }
        let new = try #require(ids.first)
        #expect(ids.count == 1)
        let record = try #require(try await client.status(new))
        #expect(record.state == .pending && record.task == "b" && record.queue == "slow")
        #expect(try await broker.deadLetters(nil, limit: 10).map(\.id) == [others[2], others[0]])
        #expect(try await queuectl("dead", "retry", "--all").output.split(separator: "\n").count == 2)
        #expect(try await broker.deadLetters(nil, limit: 10).isEmpty)
        let none = try await queuectl("dead", "retry", "--all")
        #expect(none.status == 0 && none.output.isEmpty)
    }

    @Test("deletes one letter or all of a kind, and lists what is left")
    func deadDelete() async throws {
        let letters = [try await bury("a"), try await bury("b"), try await bury("b")]
        #expect(try await queuectl("dead", "delete", "\(letters[0])").output == "1 letter removed\n")
        let listed = try await queuectl("dead", "list", "--task", "b", "--json").output.split(separator: "\n")
        #expect(listed.count == 2)
        #expect(try await queuectl("dead", "delete", "--all", "--task", "b", "--json").output == "{\"removed\":2}\n")
        #expect(try await queuectl("dead", "list").output.isEmpty)
        #expect(try await queuectl("dead", "delete", "\(letters[0])").status == 66)
    }

    @Test(
        "asks for one id or for all, and not for both",
        arguments: [[], ["--all", "0199a1b2-0000-7000-8000-000000000000"], ["--task", "a"]])
    func deadUsage(_ arguments: [String]) async throws {
        for command in ["retry", "delete"] {
            let result = try await Program("queuectl", ["dead", command] + arguments, folder: folder.url.path).run()
            #expect(result.status == 64 && result.output.isEmpty)
        }
    }

    @Test("a letter that can't be decoded is named, kept, and does not stop the others")
    func undecodable() async throws {
        let (good, bad) = (try await bury(), try await bury())
        let hex = bad.description.filter { $0 != "-" }
        try await broker.tamper("UPDATE dead SET message = x'ff' WHERE id = x'\(hex)'")
        let result = try await queuectl("dead", "retry", "--all")
        #expect(result.status == 65 && result.errors.contains("\(bad)"))
        #expect(result.output.split(separator: "\n").count == 1)
        #expect(try await broker.deadLetters([good, bad], limit: 2).map(\.id) == [bad])
        let shown = try await queuectl("dead", "show", "\(bad)", "--json")
        #expect(shown.status == 0 && shown.output.contains(#""undecodable":"#))
    }

    @Test("shows workers and what they hold")
    func workers() async throws {
        _ = try await enqueue()
        let lease = WorkerLease(worker: "w-1", duration: .seconds(600))
        _ = try await broker.exchange([], claiming: Claim(count: 1, tasks: ["work"]), as: lease)
        _ = try await broker.renew(WorkerLease(worker: "w-2", duration: .seconds(600)), progress: [:])
        _ = try await broker.renew(WorkerLease(worker: "w-3", duration: .zero), progress: [:])
        let lines = try await queuectl("workers").output.split(separator: "\n").map { $0.split(separator: " ") }
        let shown = lines.map { $0.prefix(3).joined(separator: " ") }
        #expect(shown == ["worker holds state", "w-1 1 busy", "w-2 0 idle", "w-3 0 lapsed"])
        let json = try await queuectl("workers", "--json").output.split(separator: "\n")
        #expect(json.count == 3 && json.first?.contains(#""holding":1"#) == true)
    }

    @Test("shows what a worker says of itself, and tells it what to do")
    func orders() async throws {
        let lease = WorkerLease(worker: "w-1", duration: .seconds(600))
        var report = WorkerReport(startedAt: .now, reportedAt: .now)
        (report.name, report.host, report.pid, report.version) = ("w", "pump-house", 42, "1.2.3")
        (report.slots, report.running, report.residentBytes) = (4, 3, 5 << 20)
        report.tasks = [.init(id: TaskID(), task: "feed", queue: "default", since: .now)]
        _ = try await broker.renew(lease, progress: [:], report: report)
        let shown = try await queuectl("workers").output
        for text in ["3/4", "5 MB", "1.2.3", "pump-house:42", " s, and 2 more"] {
            #expect(shown.contains(text), "\(text)")
        }
        #expect(try await queuectl("workers", "--json").output.contains(#""rss_bytes":5242880"#))
        #expect(try await queuectl("workers", "resize", "--slots", "2", "w-1").output == "w-1\n")
        #expect(try await queuectl("workers", "log-level", "--to", "debug", "--name", "w").output == "w-1\n")
        #expect(try await queuectl("workers", "drain", "--all", "--json").output == #"{"worker":"w-1"}"# + "\n")
        let orders: [WorkerOrder] = [.resize(slots: 2), .logLevel(.debug), .drain]
        #expect(try await broker.renew(lease, progress: [:]) == orders.map(Directive.obey))
        #expect(try await queuectl("workers", "drain", "w-1", "w-2").status == 66)
        #expect(try await queuectl("workers", "drain", "--name", "nobody").status == 66)
        for usage in [
            ["drain"], ["drain", "--all", "w-1"], ["resize", "--all", "--slots", "0"], ["log-level", "--all"],
        ] {
            #expect(try await Program("queuectl", ["workers"] + usage, folder: folder.url.path).run().status == 64)
        }
    }

    @Test("watches queues and workers, one object a line with --json")
    func watch() async throws {
        _ = try await enqueue(queue: "ml")
        _ = try await broker.renew(WorkerLease(worker: "w-1", duration: .seconds(600)), progress: [:])
        let json = try await queuectl("watch", "--json", "--count", "2", "--interval", "100ms")
        let lines = json.output.split(separator: "\n")
        #expect(json.status == 0 && lines.count == 2)
        #expect(lines.allSatisfy { $0.contains(#""queue":"ml""#) && $0.contains(#""worker":"w-1""#) })
        let text = try await queuectl("watch", "--count", "1")
        #expect(text.output.contains("ml") && text.output.contains("w-1"))
        // Nobody's terminal: no escape sequences.
        #expect(!text.output.contains("\u{1B}"))
        #expect(try await queuectl("watch", "--interval", "1ms").status == 64)
        #expect(try await queuectl("watch", "--broker-url", "sqlite:/no/such/folder/x").status == 69)
    }

    @Test("a watch whose reader has gone ends")
    func watchUnread() async throws {
        let words = "\(Program.path("queuectl")) watch --json --interval 100ms | head -n 1"
        let output = try await ServerProcess.run([
            "env", "TASKQUEUE_BROKER_URL=sqlite:\(folder.path("queue.sqlite"))", "bash", "-c", words,
        ])
        #expect(output.contains(#""queues":"#))
    }
}
