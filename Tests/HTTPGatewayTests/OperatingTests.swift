import Foundation
import HTTPGateway
import NIOHTTP1
import TaskQueue
import TestSupport
import Testing

@Suite("Operating over HTTP", .timeLimit(.minutes(1)))
struct OperatingTests {
    @Test("lists tasks page by page, by state")
    func list() async throws {
        try await Served.run { served in
            for _ in 0..<3 { _ = try await served.ask(.POST, "/tasks/scripted", #"{"text":""}"#) }
            let first = try await served.ask(.GET, "/tasks?limit=2&state=PENDING")
            let cursor = try #require(try first.text("next_cursor"))
            let second = try await served.ask(.GET, "/tasks?limit=2&state=PENDING&cursor=\(cursor)")
            guard case .object(let members) = try second.json(), case .array(let tasks)? = members["tasks"] else {
                throw PayloadError(field: "tasks", problem: "is missing")
            }
            #expect(tasks.count == 1 && members["next_cursor"] == nil)
            #expect(try await served.ask(.GET, "/tasks?state=LOST").status == 400)
            #expect(try await served.ask(.GET, "/tasks?limit=0").status == 400)
        }
    }

    @Test("cancels a waiting task, and is calm about one that has ended")
    func cancel() async throws {
        try await Served.run { served in
            let submitted = try await served.ask(.POST, "/tasks/scripted", #"{"text":""}"#)
            let id = try #require(try submitted.text("id"))
            for _ in 0..<2 {
                let answer = try await served.ask(.DELETE, "/tasks/\(id)")
                #expect(answer.status == 202)
                #expect(try answer.text("status") == "REVOKED")
            }
            #expect(try await served.ask(.DELETE, "/tasks/\(TaskID())").status == 404)
        }
    }

    @Test("pauses and resumes a queue, and counts what it ever took and finished", arguments: DriverUnderTest.allCases)
    func pause(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make(isReal: true)
        try await Served.run(broker: bench.broker, results: bench.results) { served in
            let submitted = try await served.ask(.POST, "/tasks/scripted", #"{"text":""}"#)
            let id = try #require(try submitted.text("id"))
            #expect(try await served.ask(.POST, "/queues/default/pause").status == 200)
            #expect(try await served.ask(.GET, "/queues").body.contains(#""paused":true"#))
            #expect(try await served.ask(.POST, "/queues/default/resume").status == 200)
            try await served.worker().run {
                #expect(try await served.ask(.GET, "/status/\(id)?wait=60s").text("status") == "SUCCESS")
                // The client may hear of the outcome before the broker was told.
                try await eventually("it is counted") {
                    try await served.ask(.GET, "/queues").body.contains(#""accepted":1,"finished":1"#)
                }
                try await eventually("the worker is listed") {
                    try await served.ask(.GET, "/workers").body.contains(#""holding":"#)
                }
            }
        }
    }

    @Test("shows a dead letter, retries it as a new task, and knows it no more")
    func dead() async throws {
        try await Served.run { served in
            let submitted = try await served.ask(.POST, "/tasks/scripted", #"{"text":"lost"}"#)
            let id = try #require(try submitted.text("id"))
            try await served.worker { _, _ in throw GiveUp("no water") }.run {
                let ended = try await served.ask(.GET, "/status/\(id)?wait=60s")
                #expect(try ended.text("status") == "FAILURE")
            }
            #expect(try await served.ask(.GET, "/dead").body.contains("no water"))
            #expect(try await served.ask(.GET, "/dead/\(id)").text("input.text") == "lost")
            let retried = try await served.ask(.POST, "/dead/\(id)/retry")
            #expect(retried.status == 202)
            #expect(try retried.text("retry_of") == id)
            #expect(try await served.ask(.POST, "/dead/\(id)/retry").status == 404)
            #expect(try await served.ask(.DELETE, "/dead/\(id)").status == 404)
            #expect(served.log.lines.contains { $0.text.contains("audit") && $0.text.contains("/dead/\(id)/retry") })
        }
    }

    @Test("advises an autoscaler as its program does, from what the store holds")
    func autoscale() async throws {
        let advice: Gateway.Advice = { queues, workers in
            ["desired_workers": queues.reduce(0) { $0 + $1.ready } / 2 + workers.count]
        }
        try await Served.run(advice: advice) { served in
            #expect(try await served.ask(.GET, "/autoscale").text("desired_workers") == "0")
            for _ in 0..<9 { _ = try await served.ask(.POST, "/tasks/scripted", #"{"text":""}"#) }
            #expect(try await served.ask(.GET, "/autoscale").text("desired_workers") == "4")
            #expect(try await served.ask(.GET, "/openapi.json").body.contains("/autoscale"))
        }
        try await Served.run { served in
            #expect(try await served.ask(.GET, "/autoscale").status == 404)
            let description = try await served.ask(.GET, "/openapi.json").body
            #expect(!description.contains("/autoscale"))
        }
    }

    @Test("shows what workers say of themselves")
    func workers() async throws {
        try await Served.run { served in
            var report = WorkerReport(startedAt: .now, reportedAt: .now)
            report.host = "pump-house"
            report.tasks = [.init(id: TaskID(), task: "feed", queue: "default", since: .now)]
            _ = try await served.broker.renew(WorkerLease(worker: "w-1"), progress: [:], report: report)
            let body = try await served.ask(.GET, "/workers").body
            for text in [#""worker":"w-1""#, #""host":"pump-house""#, #""task":"feed""#] {
                #expect(body.contains(text), "\(text)")
            }
        }
    }

    @Test("probes, description and dashboard are there, with headers that keep browsers careful")
    func pages() async throws {
        try await Served.run { served in
            for path in ["/live", "/ready", "/health", "/openapi.json", "/"] {
                let answer = try await served.ask(.GET, path)
                #expect(answer.status == 200, "\(path)")
                #expect(answer.headers.first(name: "x-content-type-options") == "nosniff")
                #expect(answer.headers.first(name: "content-security-policy")?.contains("default-src 'none'") == true)
            }
            #expect(try await served.ask(.GET, "/openapi.json").body.contains("/tasks/scripted"))
            let options = try await served.ask(.OPTIONS, "/queues")
            #expect(options.status == 204 && options.headers.first(name: "allow") == "GET, HEAD, OPTIONS")
            #expect(options.headers.first(name: "access-control-allow-origin") == nil)
        }
    }

    @Test("a broker that hangs is 503 before a second is over, and works again when it does")
    func brokerDown() async throws {
        let server = try await RedisServer.start()
        let broker = try server.broker()
        try await Served.run(broker: broker, configuration: GatewayConfiguration()) { served in
            try await eventually("it works") {
                try await served.ask(.POST, "/tasks/scripted", #"{"text":""}"#).status == 202
            }
            server.pause()
            let start = ContinuousClock.now
            let answer = try await served.ask(.POST, "/tasks/scripted", #"{"text":""}"#)
            #expect(answer.status == 503 && answer.headers.contains(name: "retry-after"))
            // Far above the promise, which a busy machine may miss; below the client library's own patience.
            #expect(ContinuousClock.now - start < .seconds(20))
            #expect(try await served.ask(.GET, "/ready").status == 503)
            server.resume()
            try await eventually("it works again") {
                try await served.ask(.POST, "/tasks/scripted", #"{"text":""}"#).status == 202
            }
        }
    }
}
