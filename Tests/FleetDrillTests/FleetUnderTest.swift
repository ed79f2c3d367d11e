import Broker
import Foundation
import Logging
import Redis
import TaskQueue
import TestSupport

/// A fleet of worker processes over a private Redis, as `worker fleet` runs it.
final class FleetUnderTest: Sendable {
    let server: RedisServer
    let broker: any TaskBroker
    let client: TaskClient
    private let folder: TemporaryFolder
    private let process: ServerProcess

    /// Starts a supervisor.
    /// - Parameters:
    ///   - flags: What follows `worker fleet`.
    ///   - server: A Redis that there is already.
    ///   - environment: Settings, as `TASKQUEUE_…=…`.
    init(_ flags: [String], on server: RedisServer? = nil, environment: [String] = []) async throws {
        let running: RedisServer
        if let server { running = server } else { running = try await RedisServer.start() }
        self.server = running
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let redis = RedisClient(try RedisConfiguration(url: running.url), logger: quiet)
        broker = RedisBroker(redis, recordsOutcomes: true, logger: quiet)
        client = TaskClient(broker: broker, results: RedisResultStore(redis, logger: quiet))
        folder = try TemporaryFolder()
        let settings = ["TASKQUEUE_WORKER_LEASE_SECONDS=1", "TASKQUEUE_WORKER_GRACE_SECONDS=20"] + environment
        let program = flags.contains("--program") ? [] : ["--program", Self.path("drill-worker")]
        process = try await ServerProcess(
            ["env"] + settings + [Self.path("worker"), "fleet", "--broker-url", running.url] + program + flags,
            output: folder.path("log"))
    }

    /// Where a program is: beside the test bundle.
    static func path(_ name: String) -> String {
        let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }
        let folder = bundle?.bundleURL ?? URL(filePath: CommandLine.arguments[0])
        return folder.deletingLastPathComponent().appending(path: name).path
    }

    /// What the supervisor and its workers logged.
    var log: [Substring] {
        ((try? String(contentsOfFile: folder.path("log"), encoding: .utf8)) ?? "").split(separator: "\n")
    }

    /// How many lines hold all these words.
    func count(_ words: String...) -> Int {
        log.count { line in words.allSatisfy(line.contains) }
    }

    /// The workers' process ids, the oldest first.
    var pids: [Int32] {
        let (lines, starts) = (log, "worker process started")
        let gone = Set(lines.filter { $0.contains("worker process ended") }.compactMap { Self.value("start", in: $0) })
        return lines.filter { $0.contains(starts) }
            .filter { line in Self.value("start", in: line).map { !gone.contains($0) } ?? false }
            .compactMap { Self.value("pid", in: $0) }
    }

    private static func value(_ key: String, in line: Substring) -> Int32? {
        line.split(separator: " ").first { $0.hasPrefix("\(key)=") }.flatMap { Int32($0.dropFirst(key.count + 1)) }
    }

    /// Sends the supervisor a signal.
    func signal(_ number: Int32) { process.signal(number) }

    /// Ends the supervisor, and it alone.
    func killSupervisor() async {
        process.signal(SIGKILL)
        await process.waitForExit()
    }

    /// Asks the supervisor to end, and returns its exit status.
    func stop() async -> Int32 {
        process.signal(SIGTERM)
        return await process.waitForExit()
    }

    /// Waits until so many workers have begun to work.
    func hasWorkers(_ number: Int) async throws {
        try await eventually("\(number) workers have begun") { count("worker started slots") >= number }
    }

    /// Submits tasks and returns their ids.
    func submit(
        _ count: Int, _ task: String = "nap", milliseconds: Int = 0, isDeadly: Bool = false,
        _ change: (inout TaskMessage) -> Void = { _ in }
    ) async throws -> [TaskID] {
        let input = task == "nap" ? #"{"milliseconds":\#(milliseconds),"isDeadly":\#(isDeadly)}"# : "1"
        let messages = (0..<count).map { _ in
            var message = TaskMessage(task: task, payload: Array(input.utf8))
            change(&message)
            return message
        }
        return try await broker.enqueue(messages).compactMap(\.id)
    }

    /// Waits until nothing waits or runs any more.
    func ended() async throws {
        try await eventually("everything has ended") {
            try await broker.queues().allSatisfy { $0.ready + $0.scheduled + $0.processing == 0 }
        }
    }

    /// The final records of these tasks.
    func records(_ ids: [TaskID]) async throws -> [TaskRecord] {
        var records: [TaskRecord] = []
        for id in ids {
            if let record = try await client.status(id) { records.append(record) }
        }
        return records
    }
}
