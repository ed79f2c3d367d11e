import Foundation
import TestSupport
import Testing

@Suite("A worker that is told to reload", .timeLimit(.minutes(3)))
struct ReloadTests {
    private let folder: TemporaryFolder
    private let worker: Program
    private let probe: Probe
    private let log: String

    init() async throws {
        folder = try TemporaryFolder()
        log = folder.path("log")
        let port = try FreePort.next()
        probe = Probe(port: port)
        worker = Program(
            "worker", ["--config", folder.path("c.yaml"), "--health-listen", "127.0.0.1:\(port)"],
            folder: folder.url.path)
    }

    private func configure(_ yaml: String) throws {
        try Data(yaml.utf8).write(to: folder.url.appending(path: "c.yaml"), options: .atomic)
    }

    private func start(_ yaml: String) async throws {
        try configure(yaml)
        try worker.start(errors: log)
        try await eventually("it is ready") { [probe] in await probe.status("readyz") == 200 }
    }

    private func reload(_ yaml: String, until words: String...) async throws -> String {
        try configure(yaml)
        worker.signal(SIGHUP)
        let log = log
        var text = ""
        try await eventually("the log says \(words)") {
            text = try String(contentsOfFile: log, encoding: .utf8)
            return words.allSatisfy(text.contains)
        }
        return text
    }

    private func hasSlots(_ count: Int) async throws -> Bool {
        try await probe.get("metrics").body.contains("taskqueue_worker_slots{state=\"free\"} \(count)\n")
    }

    @Test("changes concurrency, limits and log level without a restart")
    func good() async throws {
        try await start("worker: {concurrency: 2}\n")
        #expect(try await hasSlots(2))
        let text = try await reload(
            "worker: {concurrency: 5, threads: 7}\nlog: {level: error}\nbroker: {payload_bytes_max: 77}\n",
            until: "settings reloaded", "wait for a restart")
        #expect(try await hasSlots(5))
        let reloaded = try #require(text.split(separator: "\n").first { $0.contains("settings reloaded") })
        for word in ["worker.concurrency=5", "log.level=error", "broker.payload_bytes_max=77"] {
            #expect(reloaded.contains(word))
        }
        let waiting = try #require(text.split(separator: "\n").first { $0.contains("wait for a restart") })
        #expect(waiting.contains("worker.threads=7") && !waiting.contains("worker.concurrency"))
        // At the level error, an orderly end is not worth a line.
        #expect(worker.terminate() == 0)
        let end = try String(contentsOfFile: log, encoding: .utf8)
        #expect(!end.contains("worker stopped"))
    }

    @Test("keeps the old settings, and says why, if the new ones make no sense")
    func bad() async throws {
        try await start("worker: {concurrency: 2}\n")
        let text = try await reload(
            "worker: {concurrency: many}\nlog: {level: loud}\nbrokr: {url: x}\n",
            until: "worker.concurrency: must be a whole number", "log.level: must be one of", "no key 'brokr")
        #expect(text.contains("reload refused; the old settings stay"))
        #expect(!text.contains("settings reloaded"))
        #expect(try await hasSlots(2))
        // It works on, and the next good file is taken.
        _ = try await reload("worker: {concurrency: 3}\n", until: "settings reloaded")
        #expect(try await hasSlots(3))
        try FileManager.default.removeItem(atPath: folder.path("c.yaml"))
        worker.signal(SIGHUP)
        let log = log
        try await eventually("the missing file is named") {
            try String(contentsOfFile: log, encoding: .utf8).contains("c.yaml can't be read; check --config")
        }
        #expect(try await hasSlots(3))
        #expect(worker.terminate() == 0)
        #expect(try String(contentsOfFile: log, encoding: .utf8).contains("worker stopped"))
    }
}
