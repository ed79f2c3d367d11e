import Embedded
import Foundation
import TaskQueue
import TestSupport
import Testing

@Suite("The programs, as a user runs them", .timeLimit(.minutes(3)))
struct CommandTests {
    @Test("three tasks go from submitted to succeeded, and the worker stops cleanly")
    func mainJob() async throws {
        let folder = try TemporaryFolder()
        let worker = Program("worker", [], folder: folder.url.path)
        try worker.start()
        let image = try await Program(
            "enqueue", ["predict_image", "--file", "image=models/fish/samples/trout-1000px.jpg", "--wait"],
            folder: folder.url.path
        ).run()
        #expect(image.status == 0)
        #expect(image.output.contains("\"label\":\"trout\""))
        let reading = #"{"sensor_id":"a","sensor_type":"t","value":25.5,"tank_id":"k"}"#
        let stored = try await Program(
            "enqueue", ["store_sensor_data", "--input", reading, "--wait", "--json"], folder: folder.url.path
        ).run()
        #expect(stored.status == 0)
        #expect(stored.output.contains("\"status\":\"SUCCESS\""))
        let alert = try await Program(
            "enqueue", ["send_alert", "--set", "severity=critical", "--set", "message=oxygen low", "--wait"],
            folder: folder.url.path
        ).run()
        #expect(alert.output.contains("\"delivered\":[\"console\"]"))
        #expect(worker.terminate() == 0)
    }

    @Test("a complaint that can't be written does not change how a program ends")
    func deafErrors() async throws {
        let words = "exec \(Program.path("enqueue")) no_such_task 2>/dev/full"
        #expect(try await Program(tool: "/bin/sh", ["-c", words]).run().status == 66)
    }

    @Test(
        "unhappy paths have their own exit code and one clear sentence",
        arguments: [
            (["no_such_task"], 66, "no task is called 'no_such_task'"),
            (["store_sensor_data", "--input", "{"], 65, "is not valid JSON"),
            (["store_sensor_data", "--input", #"{"sensor_id":1}"#], 65, "field 'sensor_id' is not a string"),
            (["send_alert", "--input", "@/no/such/file"], 66, "/no/such/file can't be read"),
            (["send_alert", "--priority", "11"], 64, "must be from 0 to 9"),
            (["send_alert", "--broker-url", "redsi://x"], 64, "scheme 'redsi' is not known"),
            (["send_alert", "--broker-url", "sqlite:/no/such/folder/x"], 69, "/no/such/folder/x"),
            (["send_alert", "--broker-url", "sqlite:Package.swift"], 69, "not an SQLite database"),
            (["send_alert", "--config", "/no/such.yaml"], 64, "/no/such.yaml can't be read"),
        ] as [([String], Int32, String)])
    func unhappy(_ arguments: [String], _ status: Int32, _ sentence: String) async throws {
        let folder = try TemporaryFolder()
        let result = try await Program("enqueue", arguments, folder: folder.url.path).run()
        #expect(result.status == status)
        #expect(result.errors.contains(sentence))
        #expect(result.output.isEmpty)
    }

    @Test("a batch names its bad lines and submits the others")
    func batch() async throws {
        let folder = try TemporaryFolder()
        let good = #"{"sensor_id":"a","sensor_type":"t","value":1,"tank_id":"k"}"#
        let bad = #"{"sensor_id":"a","sensor_type":"t","value":"x","tank_id":"k"}"#
        try Data("\(good)\n\(bad)\n\n\(good)\n".utf8).write(to: folder.url.appending(path: "r.ndjson"))
        let result = try await Program(
            "enqueue", ["store_sensor_data", "--batch", folder.path("r.ndjson"), "--json"], folder: folder.url.path
        ).run()
        #expect(result.status == 65)
        #expect(result.errors.contains("line 2: store_sensor_data: field 'value' is not a number"))
        #expect(result.output.contains("\"accepted\":2"))
    }

    @Test("every complaint about a configuration file is made at once")
    func configuration() async throws {
        let folder = try TemporaryFolder()
        try Data("brokr:\n  url: x\nworker:\n  concurrency: 0\nlog:\n  format: xml\n".utf8)
            .write(to: folder.url.appending(path: "c.yaml"))
        let result = try await Program("worker", ["--config", folder.path("c.yaml")], folder: folder.url.path).run()
        #expect(result.status == 64)
        for part in ["no key 'brokr.url'", "worker.concurrency: must be from 1", "log.format: must be one of"] {
            #expect(result.errors.contains(part))
        }
    }

    @Test("nothing is lost when workers are killed again and again")
    func killed() async throws {
        let folder = try TemporaryFolder()
        let count = 4000
        let lines = (0..<count).map {
            #"{"sensor_id":"s\#($0 % 40)","sensor_type":"t","value":20,"tank_id":"k","timestamp":"2026-01-01T\#(Self.clock($0 / 40))Z"}"#
        }
        try Data(lines.joined(separator: "\n").utf8).write(to: folder.url.appending(path: "r.ndjson"))
        let submitted = try await Program(
            "enqueue", ["store_sensor_data", "--batch", folder.path("r.ndjson")], folder: folder.url.path
        ).run()
        #expect(submitted.status == 0)
        let file = try SQLiteFile(path: folder.path("queue.sqlite"))
        let broker = SQLiteBroker(file, recordsOutcomes: true)
        let results = SQLiteResultStore(file)
        let client = TaskClient(broker: broker, results: results)
        let lease = ["TASKQUEUE_WORKER_LEASE_SECONDS": "1"]
        for _ in 0..<8 {
            let worker = Program("worker", [], folder: folder.url.path, environment: lease)
            try worker.start()
            // Killed as soon as it holds something, so that every kill costs a claim.
            while try await broker.workers().allSatisfy({ $0.holding == 0 }), try await left(broker) > 0 {}
            worker.kill()
        }
        // The file's own wake-ups: one at the start, in case the last worker killed had finished everything.
        let (settlements, ring) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let subscription = results.onResult(of: []) { ring.yield() }
        defer { subscription.end() }
        ring.yield()
        let last = Program("worker", [], folder: folder.url.path, environment: lease)
        try last.start()
        for await _ in settlements where try await left(broker) == 0 { break }
        var filter = TaskFilter(limit: count + 1)
        filter.state = .success
        #expect(try await client.list(filter).count == count)
        #expect(last.terminate() == 0)
    }

    private func left(_ broker: SQLiteBroker) async throws -> Int {
        try await broker.queues().reduce(0) { $0 + $1.ready + $1.scheduled + $1.processing }
    }

    private static func clock(_ second: Int) -> String {
        String(format: "%02d:%02d:%02d", second / 3600, second / 60 % 60, second % 60)
    }
}
