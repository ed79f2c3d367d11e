import Foundation
import HTTPGateway
import NIOHTTP1
import ServiceLifecycle
import TaskQueue
import TestSupport
import Testing

@Suite("Asking after tasks over HTTP", .timeLimit(.minutes(1)))
struct StatusTests {
    private func submit(_ served: Served) async throws -> TaskID {
        let answer = try await served.ask(.POST, "/tasks/scripted", #"{"text":""}"#)
        return try #require(try answer.text("id").flatMap { TaskID($0) })
    }

    @Test("an id never seen is 404, in every form of asking", arguments: ["", "?wait=1s"])
    func unknown(_ query: String) async throws {
        try await Served.run { served in
            for id in ["\(TaskID())", "nonsense"] {
                let answer = try await served.ask(.GET, "/status/\(id)\(query)")
                #expect(answer.status == 404)
                #expect(try answer.text("type") == "urn:taskqueue:problem:unknown-id")
            }
        }
    }

    @Test("a wait ends when the task does, with its result and its timeline")
    func longPoll() async throws {
        try await Served.run { served in
            let id = try await submit(served)
            let waiting = Task { try await served.ask(.GET, "/status/\(id)?wait=60s") }
            try await served.worker().run {
                let answer = try await waiting.value
                #expect(answer.status == 200)
                #expect(try answer.text("status") == "SUCCESS")
                #expect(try answer.text("result.done") == "true")
                guard case .object(let members) = try answer.json(), case .array(let timeline)? = members["timeline"]
                else { throw PayloadError(field: "timeline", problem: "is missing") }
                #expect(timeline.count == 3)
            }
        }
    }

    @Test("a wait that is over before the task is answers with what is known")
    func patience() async throws {
        try await Served.run { served in
            let id = try await submit(served)
            let answer = try await served.ask(.GET, "/status/\(id)?wait=50ms")
            #expect(answer.status == 200)
            #expect(try answer.text("status") == "PENDING")
        }
    }

    @Test(
        "a stream tells every state, progress with the time left, and its end",
        arguments: DriverUnderTest.allCases)
    func stream(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make(isReal: true)
        let (seen, go) = (Signal(), Signal())
        try await Served.run(broker: bench.broker, results: bench.results) { served in
            let id = try await submit(served)
            var heard: [String] = []
            let events = try await served.events("/status/\(id)")
            let worker = served.worker { _, context in
                await go.wait()
                context.report(0.5, "half")
                await seen.wait()
            }
            try await worker.run {
                for try await event in events {
                    guard event.name == "status" else {
                        heard.append("\(event.name) \(event.data)")
                        continue
                    }
                    let view = Served.Answer(status: 200, headers: [:], body: event.data)
                    let state = try view.text("status") ?? ""
                    let fraction = try view.text("progress.fraction")
                    heard.append(fraction.map { "\(state) \($0)" } ?? state)
                    if state == "PROCESSING" { go.fire() }
                    guard fraction != nil else { continue }
                    #expect(try view.text("progress.eta_seconds") != nil)
                    seen.fire()
                }
            }
            #expect(heard.first == "PENDING" && heard.contains("PROCESSING") && heard.contains("PROCESSING 0.5"))
            #expect(heard.suffix(2) == ["SUCCESS", #"end {"reason":"final"}"#])
        }
    }

    @Test("many are told in the order asked, the unknown as null")
    func bulk() async throws {
        try await Served.run { served in
            let ids = [try await submit(served), TaskID(), try await submit(served)]
            let body = String(decoding: try PayloadCodec.encode(["ids": ids]), as: UTF8.self)
            let answer = try await served.ask(.POST, "/status", body)
            guard case .object(let members) = try answer.json(), case .array(let statuses)? = members["statuses"] else {
                throw PayloadError(field: "statuses", problem: "is missing")
            }
            #expect(statuses.count == 3 && statuses[1] == .null)
            #expect(try await served.ask(.POST, "/status", #"{"ids":[]}"#).status == 422)
        }
    }

    @Test("a shutdown ends waits and streams, and says why")
    func shutdown() async throws {
        try await Served.run { served, group in
            let id = try await submit(served)
            let events = try await served.events("/status/\(id)")
            async let waiting = served.ask(.GET, "/status/\(id)?wait=60s")
            var last = ""
            for try await event in events {
                if event.name == "status" { await group.triggerGracefulShutdown() }
                last = "\(event.name) \(event.data)"
            }
            #expect(last == #"end {"reason":"closing"}"#)
            // Its request may have come before or after the server stopped listening; if it was heard, it was answered.
            if let answer = try? await waiting { #expect(answer.status == 200 || answer.status == 503) }
        }
    }

    @Test("a shutdown does not wait for a client that has stopped reading its stream")
    func deafClient() async throws {
        var server = GatewayServer.Configuration()
        server.endingMax = .milliseconds(100)
        let results = MemoryResultStore()
        var record = TaskRecord(id: TaskID(), task: "scripted", queue: "default", state: .success, enqueuedAt: .now)
        // More than the connection can hold.
        record.result = Array("\"\(String(repeating: "x", count: 16 << 20))\"".utf8)
        record.finishedAt = .now
        _ = try await results.record([record])
        let id = record.id
        var client: DeafClient?
        // Open until the gateway has stopped.
        defer { client?.close() }
        try await Served.run(results: results, server: server) { served in
            let opened = try DeafClient(
                port: served.port,
                asking: "GET /status/\(id) HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n")
            try await opened.heardBeginning()
            client = opened
        }
    }

    @Test("a stream that lasted as long as one may says that the caller should ask again")
    func renewal() async throws {
        var configuration = Served.patient
        configuration.streamMax = .zero
        try await Served.run(configuration: configuration) { served in
            let id = try await submit(served)
            for path in ["/status/\(id)", "/events"] {
                var heard: [String] = []
                for try await event in try await served.events(path) { heard.append("\(event.name) \(event.data)") }
                #expect(heard.count == 2 && heard.last == #"end {"reason":"renew"}"#, "\(path): \(heard)")
            }
        }
    }

    @Test("many who wait hear of the end though the store tells nobody")
    func unheard() async throws {
        try await Served.run(results: DeafResultStore()) { served in
            var ids: [TaskID] = []
            for _ in 0..<120 { ids.append(try await submit(served)) }
            try await withThrowingTaskGroup(of: String?.self) { group in
                for id in ids {
                    group.addTask { try await served.ask(.GET, "/status/\(id)?wait=60s").text("status") }
                }
                try await served.worker().run {
                    for try await status in group { #expect(status == "SUCCESS") }
                }
            }
        }
    }
}
