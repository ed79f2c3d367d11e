import Foundation
import HTTPGateway
import NIOHTTP1
import TaskQueue
import TestSupport
import Testing

@Suite("Submitting over HTTP", .timeLimit(.minutes(1)))
struct SubmittingTests {
    @Test("accepts a task, says where its status is, and the task waits with its options")
    func one() async throws {
        try await Served.run { served in
            let answer = try await served.ask(
                .POST, "/tasks/scripted?priority=9&delay=10s", #"{"text":"hello"}"#,
                headers: [("X-TaskQueue-Queue", "ml"), ("X-Request-ID", "me-1")])
            #expect(answer.status == 202)
            let id = try #require(try answer.text("id").flatMap { TaskID($0) })
            #expect(try answer.text("status") == "PENDING")
            #expect(answer.headers.first(name: "location") == "/status/\(id)")
            #expect(answer.headers.first(name: "x-request-id") == "me-1")
            let record = try #require(try await served.client.status(id))
            #expect(record.queue == "ml" && record.dueAt != nil)
        }
    }

    @Test(
        "says what is wrong with a submission, as a problem that names the field",
        arguments: [
            ("/tasks/nothing", "{}", 404, "unknown-task", nil), ("/tasks/scripted", "{", 422, "invalid-input", nil),
            ("/tasks/scripted", #"{"text":5}"#, 422, "invalid-input", "text"),
            ("/tasks/scripted", "[]", 422, "invalid-input", nil),
            ("/tasks/scripted?priority=10", #"{"text":""}"#, 400, "bad-request", "priority"),
            ("/tasks/scripted?queue=a%20b", #"{"text":""}"#, 400, "bad-request", "queue"),
            ("/tasks/scripted?delay=soon", #"{"text":""}"#, 400, "bad-request", "delay"),
            ("/tasks/scripted?expires=99999999999s", #"{"text":""}"#, 400, "bad-request", "expires"),
            ("/nowhere", "{}", 404, "not-found", nil), ("/queues", "{}", 405, "method-not-allowed", nil),
        ] as [(String, String, Int, String, String?)])
    func problems(_ path: String, _ body: String, _ status: Int, _ kind: String, _ field: String?) async throws {
        try await Served.run { served in
            let answer = try await served.ask(.POST, path, body)
            #expect(answer.status == status)
            #expect(answer.headers.first(name: "content-type") == "application/problem+json")
            #expect(try answer.text("type") == "urn:taskqueue:problem:\(kind)")
            #expect(try answer.text("field") == field)
            #expect(try answer.text("detail")?.isEmpty == false)
        }
    }

    @Test("a body over the limit, not UTF-8, or nested without end is refused")
    func hostileBodies() async throws {
        var limits = Served.patient
        limits.inputBytesMax = 1 << 16
        try await Served.run(configuration: limits) { served in
            let large = #"{"text":"\#(String(repeating: "x", count: 1 << 16))"}"#
            let tooLarge = try await served.ask(.POST, "/tasks/scripted", large)
            #expect(tooLarge.status == 413)
            let broken: [UInt8] = Array(#"{"text":""#.utf8) + [0xFF, 0xFE] + Array(#""}"#.utf8)
            let notText = try await served.ask(.POST, "/tasks/scripted", bytes: broken)
            #expect(notText.status == 422)
            let deep = String(repeating: "[", count: 30_000) + String(repeating: "]", count: 30_000)
            for (path, body) in [("/tasks/scripted", #"{"text":\#(deep)}"#), ("/batch", #"{"tasks":\#(deep)}"#)] {
                let answer = try await served.ask(.POST, path, body)
                #expect(answer.status == 422)
            }
        }
    }

    @Test("an address that is too long is refused in words")
    func longAddress() async throws {
        try await Served.run { served in
            let answer = try await served.ask(.GET, "/status/" + String(repeating: "a", count: 20_000))
            #expect(answer.status == 400 && answer.headers.first(name: "content-type") == "application/problem+json")
            #expect(try answer.text("type") == "urn:taskqueue:problem:bad-request")
        }
    }

    @Test("the same Idempotency-Key finds the task already made, another makes another")
    func idempotency() async throws {
        try await Served.run { served in
            func submit(_ key: String) async throws -> String? {
                let answer = try await served.ask(
                    .POST, "/tasks/scripted", #"{"text":""}"#, headers: [("Idempotency-Key", key)])
                return try answer.text("id")
            }
            let first = try await submit("a")
            #expect(try await submit("a") == first)
            #expect(try await submit("b") != first)
        }
    }

    @Test("a batch is accepted whole, in its order")
    func batch() async throws {
        try await Served.run { served in
            let body = """
                {"more": [1, {"a": "}"}], "tasks": [
                  {"task": "scripted", "input": {"text": "a, ]}\\"{"}, "options": {"queue": "q1"}},
                  {"input": {"text": "ü"}, "task": "scripted"} ] }
                """
            let answer = try await served.ask(.POST, "/batch", body)
            #expect(answer.status == 202)
            guard case .object(let members) = try answer.json(), case .array(let ids)? = members["ids"] else {
                Issue.record("no ids")
                return
            }
            #expect(ids.count == 2)
            guard case .text(let first) = ids[0], let id = TaskID(first) else {
                Issue.record("no id")
                return
            }
            #expect(try await served.client.status(id)?.queue == "q1")
        }
    }

    @Test(
        "a batch with one bad task is refused whole, and the task named",
        arguments: [
            (
                #"{"tasks":[{"task":"scripted","input":{"text":""}},{"task":"scripted","input":{}}]}"#, 422,
                "tasks[1].input.text"
            ),
            (#"{"tasks":[{"task":"scripted"}]}"#, 422, "tasks[0].input"),
            (#"{"tasks":[{"task":"other","input":{}}]}"#, 404, "tasks[0]"), (#"{"tasks":[]}"#, 422, "tasks"),
            (#"{"tasks":5}"#, 422, "tasks"), ("{}", 422, "tasks"), (#"{"tasks":[{"task":"#, 422, nil),
            (
                #"{"tasks":[{"task":"scripted","input":{"text":""},"options":{"priority":12}}]}"#, 422,
                "tasks[0].options.priority"
            ),
        ] as [(String, Int, String?)])
    func badBatch(_ body: String, _ status: Int, _ field: String?) async throws {
        try await Served.run { served in
            let answer = try await served.ask(.POST, "/batch", body)
            #expect(answer.status == status)
            #expect(try answer.text("field") == field)
            #expect(try await served.client.list(TaskFilter()).isEmpty)
        }
    }

    @Test("a queue that is full in the middle of a batch takes none of it")
    func fullQueue() async throws {
        let broker = MemoryBroker(limits: BrokerLimits(queueLengthMax: 2))
        try await Served.run(broker: broker) { served in
            let item = #"{"task":"scripted","input":{"text":""}}"#
            let answer = try await served.ask(.POST, "/batch", #"{"tasks":[\#(item),\#(item),\#(item)]}"#)
            #expect(answer.status == 429 && answer.headers.contains(name: "retry-after"))
            #expect(try await served.broker.queues().allSatisfy { $0.ready == 0 })
        }
    }

    @Test("a batch that found no room runs when it is sent again with its Idempotency-Key")
    func fullQueueAgain() async throws {
        let broker = MemoryBroker(limits: BrokerLimits(queueLengthMax: 2))
        try await Served.run(broker: broker) { served in
            let inTheWay = try #require(try await served.ask(.POST, "/tasks/scripted", #"{"text":""}"#).text("id"))
            let item = #"{"task":"scripted","input":{"text":""}}"#
            func submit() async throws -> Served.Answer {
                try await served.ask(
                    .POST, "/batch", #"{"tasks":[\#(item),\#(item)]}"#, headers: [("Idempotency-Key", "k")])
            }
            #expect(try await submit().status == 429)
            #expect(try await served.ask(.DELETE, "/tasks/\(inTheWay)").status == 202)
            #expect(try await submit().status == 202)
            #expect(try await served.broker.queues().map(\.ready) == [2])
        }
    }
}
