import Assembly
import Fleet
import Foundation
import TaskQueue
import TestSupport
import Testing

@Suite("Settings")
struct SettingsTests {
    /// Loads settings from a file's text, the environment and flags.
    private func load(
        _ yaml: String = "", environment: [String: String] = [:], flags: [String: String] = [:]
    ) async throws -> Settings {
        let folder = try TemporaryFolder()
        try Data(yaml.utf8).write(to: folder.url.appending(path: "c.yaml"))
        do {
            return try await SettingsSources.load(
                flags: flags, file: folder.path("c.yaml"), environment: environment)
        } catch let error as SettingsError {
            // The folder has another name every time.
            throw SettingsError(error.complaints.map { $0.replacing(folder.url.path, with: "") })
        }
    }

    private func complaints(
        _ yaml: String = "", environment: [String: String] = [:], flags: [String: String] = [:]
    ) async -> [String] {
        do {
            _ = try await load(yaml, environment: environment, flags: flags)
            return []
        } catch {
            return (error as? SettingsError)?.complaints ?? ["\(error)"]
        }
    }

    @Test("a flag wins over the environment, that over the file, that over the default")
    func precedence() async throws {
        let yaml = """
            broker: {url: "sqlite:file.sqlite"}
            worker: {concurrency: 2, threads: 3, name: file, lease_seconds: 4}
            """
        let environment = [
            "TASKQUEUE_BROKER_URL": "sqlite:environment.sqlite", "TASKQUEUE_WORKER_CONCURRENCY": "20",
            "TASKQUEUE_WORKER_NAME": "environment",
        ]
        let flags = ["broker.url": "sqlite:flag.sqlite", "worker.concurrency": "200"]
        let settings = try await load(yaml, environment: environment, flags: flags)
        #expect(settings.brokerURL == "sqlite:flag.sqlite")
        #expect(settings.worker.concurrency == 200)
        #expect(settings.worker.name == "environment")
        #expect(settings.worker.threads == 3 && settings.worker.leaseDuration == .seconds(4))
        #expect(settings.worker.grace == .seconds(25))
    }

    @Test("no secret is written along with what holds settings")
    func description() async throws {
        struct Holder { let settings: Settings }
        let holder = Holder(settings: try await load(flags: ["broker.url": "redis://:hush@localhost"]))
        for text in ["\(holder)", String(reflecting: holder), "\(holder.settings)"] { #expect(!text.contains("hush")) }
    }

    @Test("autoscaling is read, and complained about, like everything")
    func scaling() async throws {
        let yaml =
            "autoscale: {target_wait: 500ms, target_waits: [ml=30s, alerts=1s], tasks_per_worker: 7, up_seconds: 3}"
        let scaling = try await load(yaml).scaling
        #expect(scaling.targetWait == .milliseconds(500))
        #expect(scaling.targetWaits == ["ml": .seconds(30), "alerts": .seconds(1)])
        let policy = scaling.policy(workers: 1...4, slotsPerWorker: 2)
        #expect(policy.mode == .lengthPerWorker(7) && policy.workers == 1...4 && policy.slotsPerWorker == 2)
        #expect(policy.scaleUpStabilization == .seconds(3) && policy.scaleDownStabilization == .seconds(60))
        #expect(try await load("fleet: {min: 2, max: 4}").advice([], []).desiredWorkers == 2)
        #expect(try await load("gateway: {workers_min: 3}").advice([], []).desiredWorkers == 3)
        #expect(try await load().scaling.policy(workers: 1...4, slotsPerWorker: 2).mode == .targetWait)
        let wrong = await complaints("autoscale: {target_wait: soon, target_waits: [ml], down_seconds: -1}")
        #expect(wrong.count == 3 && wrong.allSatisfy { $0.hasPrefix("autoscale.") }, "\(wrong)")
    }

    @Test("a file without keys gives the defaults", arguments: ["", "# nothing\n", "---\n", "{}"])
    func defaults(_ yaml: String) async throws {
        let settings = try await load(yaml)
        #expect(settings.brokerURL == "sqlite:taskqueue.sqlite" && settings.resultsURL == nil)
        #expect(settings.worker.concurrency == 16 && settings.worker.queues == nil)
        #expect(settings.limits == BrokerLimits())
    }

    @Test("the file that ships lists every key but the optional one, with the default of the code")
    func shippedFile() async throws {
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../config/taskqueue.yaml")
        let text = try String(contentsOf: path, encoding: .utf8)
        let shipped = try await load(text)
        #expect(shipped.effective == Settings().effective)
        #expect(shipped.limits == Settings().limits && shipped.worker == Settings().worker)
        // Uncommented, the optional key is one that exists.
        let whole = text.replacing("\n# url:", with: "\n  url:")
        #expect(try await load(whole).resultsURL == "postgres://user@host/db")
        for key in Settings.keys {
            let last = try #require(key.split(separator: ".").last)
            #expect(whole.contains("  \(last):"), "\(key)")
        }
    }

    @Test("lists are read from YAML lists and from text with commas")
    func lists() async throws {
        #expect(try await load("worker: {queues: [ml, default]}").worker.queues == ["ml", "default"])
        #expect(try await load("worker: {queues: ml}").worker.queues == ["ml"])
        #expect(try await load("worker: {queues: []}").worker.queues == nil)
        let environment = ["TASKQUEUE_WORKER_QUEUES": " ml , default,"]
        #expect(try await load(environment: environment).worker.queues == ["ml", "default"])
        #expect(try await load(flags: ["worker.queues": "a,b"]).worker.queues == ["a", "b"])
    }

    @Test("every complaint is made at once, and names the key and where its value is from")
    func everySource() async {
        let yaml = """
            brokr: {url: x}
            worker: {threads: many, lease_seconds: 0, concurrency: 0}
            log: {format: xml}
            """
        let environment = ["TASKQUEUE_WORKER_CONCURRENCY": "9999", "TASKQUEUE_RESULTS_URL": "mysql://u:hunter2@h"]
        #expect(
            await complaints(yaml, environment: environment, flags: ["broker.url": "queue"]) == [
                "/c.yaml: there is no key 'brokr.url'",
                "broker.url: 'queue' has no scheme; use for example sqlite:taskqueue.sqlite; see the command line",
                "log.format: must be one of text, json; see /c.yaml",
                "results.url: scheme 'mysql' is not known; known are sqlite:, memory:, redis:, rediss:, redis+sentinel:, "
                    + "redis+cluster: and, for results, postgres:; "
                    + "see TASKQUEUE_RESULTS_URL in the environment",
                "worker.concurrency: must be from 1 to 4096; see TASKQUEUE_WORKER_CONCURRENCY in the environment",
                "worker.lease_seconds: must be from 1 to 3600; see /c.yaml",
                "worker.threads: must be a whole number; see /c.yaml",
            ])
    }

    @Test(
        "a value of a wrong type is a complaint, and no reason to take another",
        arguments: [
            ("broker: {url: [a, b]}", "broker.url: must be text; see /c.yaml"),
            ("worker: {concurrency: 1.5}", "worker.concurrency: must be a whole number; see /c.yaml"),
            ("worker: {concurrency: [1]}", "worker.concurrency: must be a whole number; see /c.yaml"),
            ("worker: {concurrency: }", "worker.concurrency: must be a whole number; see /c.yaml"),
            ("worker: {concurrency: 99999999999999999999}", "worker.concurrency: must be a whole number; see /c.yaml"),
            ("worker: {concurrency: {a: 1}}", "/c.yaml: there is no key 'worker.concurrency.a'"),
            ("worker: 5", "/c.yaml: there is no key 'worker'"),
            ("sqlite: {synchronous: off}", "sqlite.synchronous: must be one of normal, full; see /c.yaml"),
            (
                "log: {level: loud}",
                "log.level: must be one of trace, debug, info, notice, warning, error, critical; "
                    + "see /c.yaml"
            ),
            (
                "alerts: {webhooks: [ftp://u:hunter2@h]}",
                "alerts.webhooks: every entry must begin with https:// or http://; see /c.yaml"
            ),
        ])
    func wrongType(_ yaml: String, _ sentence: String) async {
        #expect(await complaints(yaml) == [sentence])
    }

    @Test("a variable of a wrong type does not fall through to a good value in the file")
    func noFallThrough() async {
        let sentence = "worker.threads: must be a whole number; see TASKQUEUE_WORKER_THREADS in the environment"
        let found = await complaints("worker: {threads: 4}", environment: ["TASKQUEUE_WORKER_THREADS": "four"])
        #expect(found == [sentence])
    }

    @Test("variables that orchestrators make are passed over")
    func orchestrators() async {
        let environment = ["TASKQUEUE_SERVICE_HOST": "10.0.0.1", "TASKQUEUE_PORT": "tcp://10.0.0.1:80"]
        #expect(await complaints(environment: environment).isEmpty)
    }

    @Test(
        "a file that is no settings is refused with the line, and without quoting it",
        arguments: [
            ("broker:\n  url: 'sqlite:hunter2\n", "is not valid YAML: ", "line 3"),
            ("broker: {url: hunter2", "is not valid YAML: ", "line 2"),
            ("broker: {url: a}\nbroker: {url: hunter2}", "is not valid YAML: broker given twice", "line 1"),
            ("- hunter2\n", "must hold keys and values", ""), ("hunter2", "must hold keys and values", ""),
        ])
    func notSettings(_ yaml: String, _ words: String, _ line: String) async {
        let found = await complaints(yaml)
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("/c.yaml \(words)") == true, "\(found)")
        #expect(line.isEmpty || found.first?.contains(line) == true, "\(found)")
        #expect(found.first?.contains("hunter2") == false)
    }

    @Test("a file that is not there is refused, and so is a folder")
    func missing() async throws {
        let folder = try TemporaryFolder()
        for path in [folder.path("none.yaml"), folder.url.path] {
            let error = await #expect(throws: SettingsError.self) {
                try await SettingsSources.load(flags: [:], file: path, environment: [:])
            }
            #expect(error?.complaints == ["\(path) can't be read; check --config"])
        }
    }

    @Test("what is logged at the start holds no secret")
    func effective() throws {
        var settings = Settings()
        settings.brokerURL = "redis://user:hunter2@host:6379"
        settings.resultsURL = "postgres://host/db?password=hunter2"
        settings.webhooks = ["https://hooks.example.com/hunter2"]
        let text = settings.effective.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
        #expect(!text.contains("hunter2"))
        #expect(text.contains("broker.url=redis://***@host:6379") && text.contains("alerts.webhooks=1"))
    }
}
