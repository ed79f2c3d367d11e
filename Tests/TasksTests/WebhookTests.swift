import AsyncHTTPClient
import TaskQueue
import Tasks
import TestSupport
import Testing

@Suite("An alert to a webhook", .timeLimit(.minutes(1)))
struct WebhookTests {
    private static let alert = SendAlert.Input(severity: .critical, message: "oxygen low", source: "tank_001")

    /// Runs a worker with one webhook at a scripted server.
    private func withWebhook(
        _ script: [ScratchHTTPServer.Answer], timeout: Duration = .seconds(5),
        _ body: (Workshop, ScratchHTTPServer) async throws -> Void
    ) async throws {
        let server = try await ScratchHTTPServer.start(script)
        let workshop = try await Workshop()
        try await withHTTP { http in
            var registry = TaskRegistry()
            let url = "http://ops:hunter2@127.0.0.1:\(server.port)/hook?token=s3cret"
            registry.register(SendAlert(channels: [WebhookChannel(url: url, http: http, timeout: timeout)]))
            try await workshop.run(registry) { try await body(workshop, server) }
        }
        for line in workshop.log.lines {
            #expect(!line.text.contains("hunter2") && !line.text.contains("s3cret"))
        }
    }

    /// The first failure of an alert that is tried again; its second try succeeds.
    private func retried(_ workshop: Workshop) async throws -> (first: String?, last: TaskRecord) {
        let receipt = try await workshop.client.enqueue(SendAlert.self, Self.alert)
        let first = try await workshop.bench.firstFailure(of: receipt.id)
        try await workshop.bench.passTime(.seconds(7200))
        return (first?.failure?.message, try await workshop.outcome(receipt))
    }

    @Test("is delivered once, with the task's id as its idempotency key", arguments: [200, 201, 202, 204])
    func delivered(_ status: Int) async throws {
        try await withWebhook([.status(status)]) { workshop, server in
            let receipt = try await workshop.client.enqueue(SendAlert.self, Self.alert)
            let record = try await workshop.outcome(receipt)
            #expect(try record.output(SendAlert.Output.self).delivered == ["webhook:127.0.0.1"])
            let request = try #require(server.requests.first)
            #expect(server.requests.count == 1)
            #expect(request.method == "POST" && request.path == "/hook?token=s3cret")
            #expect(request.headers["idempotency-key"] == "\(receipt.id)")
            #expect(request.headers["content-type"] == "application/json")
            for part in [#""severity":"critical""#, #""message":"oxygen low""#, #""source":"tank_001""#] {
                #expect(request.body.contains(part))
            }
        }
    }

    @Test("carries the address's user and password as basic authentication")
    func basicAuthentication() async throws {
        try await withWebhook([]) { workshop, server in
            let record = try await workshop.outcome(try await workshop.client.enqueue(SendAlert.self, Self.alert))
            #expect(record.state == .success)
            // printf ops:hunter2 | base64
            #expect(server.requests.first?.headers["authorization"] == "Basic b3BzOmh1bnRlcjI=")
        }
    }

    @Test("is tried again when the server says that it is in trouble", arguments: [408, 429, 500, 502, 503])
    func serverTrouble(_ status: Int) async throws {
        try await withWebhook([.status(status)]) { workshop, server in
            let (first, last) = try await retried(workshop)
            #expect(first == "webhook:127.0.0.1 answered \(status)")
            #expect(last.state == .success && last.attempt == 2)
            #expect(Set(server.requests.map { $0.headers["idempotency-key"] }) == ["\(last.id)"])
            #expect(server.requests.count == 2)
        }
    }

    @Test("waits as long as the server asks it to, an hour at most", arguments: [("7", 7), ("90000", 3600), ("0", 0)])
    func retryAfter(_ header: String, _ seconds: Int) async throws {
        try await withWebhook([.status(429, headers: ["retry-after": header])]) { workshop, server in
            let receipt = try await workshop.client.enqueue(SendAlert.self, Self.alert)
            let failed = workshop.bench.clock.now
            let record = try await workshop.bench.reach(receipt.id) { !$0.history.isEmpty }
            if seconds > 0 { #expect(record.dueAt == failed + .seconds(seconds)) }
            #expect(record.history.count == 1)
        }
    }

    @Test("backs off by itself when the wait asked for makes no sense", arguments: ["-1", "soon", ""])
    func retryAfterNonsense(_ header: String) async throws {
        try await withWebhook([.status(503, headers: ["retry-after": header])]) { workshop, _ in
            let (_, last) = try await retried(workshop)
            #expect(last.state == .success && last.attempt == 2)
        }
    }

    @Test("is tried again when the connection breaks off")
    func hangUp() async throws {
        try await withWebhook([.hangUp]) { workshop, _ in
            let (first, last) = try await retried(workshop)
            let message = try #require(first)
            #expect(message.hasPrefix("webhook:127.0.0.1 can't be reached"))
            #expect(!message.contains("hunter2") && !message.contains("s3cret"))
            #expect(last.state == .success)
        }
    }

    @Test("is tried again when no answer comes in time")
    func timeout() async throws {
        try await withWebhook([.silence], timeout: .milliseconds(200)) { workshop, server in
            let receipt = try await workshop.client.enqueue(SendAlert.self, Self.alert)
            let first = try await workshop.bench.firstFailure(of: receipt.id)
            #expect(first?.failure?.message.hasPrefix("webhook:127.0.0.1 can't be reached") == true)
            #expect(server.requests.count == 1)
        }
    }

    @Test("is tried again when the connection is refused")
    func refused() async throws {
        try await withWebhook([], timeout: .milliseconds(500)) { workshop, server in
            try await server.stop()
            let receipt = try await workshop.client.enqueue(SendAlert.self, Self.alert)
            let first = try await workshop.bench.firstFailure(of: receipt.id)
            let message = try #require(first?.failure?.message)
            #expect(message.hasPrefix("webhook:127.0.0.1 can't be reached"))
            #expect(!message.contains("hunter2") && !message.contains("s3cret"))
        }
    }

    @Test("ends in FAILURE at once when the server refuses it", arguments: [400, 401, 403, 404, 410, 422])
    func gaveUp(_ status: Int) async throws {
        try await withWebhook([.status(status)]) { workshop, server in
            let record = try await workshop.outcome(try await workshop.client.enqueue(SendAlert.self, Self.alert))
            #expect(record.state == .failure && record.attempt == 1)
            #expect(record.failure?.message == "webhook:127.0.0.1 refused the alert: \(status)")
            #expect(server.requests.count == 1)
        }
    }

    @Test("follows no redirect, which would turn it into a request for a page", arguments: [301, 302, 303, 307])
    func redirect(_ status: Int) async throws {
        try await withWebhook([.status(status, headers: ["location": "/login"])]) { workshop, server in
            let record = try await workshop.outcome(try await workshop.client.enqueue(SendAlert.self, Self.alert))
            #expect(record.failure?.message == "webhook:127.0.0.1 refused the alert: \(status)")
            #expect(server.requests.map(\.path) == ["/hook?token=s3cret"])
        }
    }
}
