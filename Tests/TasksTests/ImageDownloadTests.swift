import AsyncHTTPClient
import Inference
import TaskQueue
import Tasks
import TestSupport
import Testing

@Suite("Fetching a picture", .timeLimit(.minutes(1)))
struct ImageDownloadTests {
    private func withServer(
        _ script: [ScratchHTTPServer.Answer], prefix: (Int) -> String = { "http://127.0.0.1:\($0)" },
        _ body: (Workshop, ScratchHTTPServer) async throws -> Void
    ) async throws {
        let server = try await ScratchHTTPServer.start(script)
        let workshop = try await Workshop()
        try await withHTTP { http in
            var registry = TaskRegistry()
            let source = ImageSource(
                allowedPrefixes: [prefix(server.port)], http: http, limits: ImageLimits(bytesMax: 1 << 20))
            registry.register(batch: PredictImage(models: Repository.models, source: source))
            try await workshop.run(registry) { try await body(workshop, server) }
        }
    }

    private func fetch(_ workshop: Workshop, _ server: ScratchHTTPServer) async throws -> TaskRecord {
        try await workshop.outcome(PredictImage.name, json: Self.input(server))
    }

    private static func input(_ server: ScratchHTTPServer) -> String {
        #"{"image_url":"http://127.0.0.1:\#(server.port)/fish.jpg"}"#
    }

    @Test("a picture on an allowed server is recognised")
    func recognised() async throws {
        let picture = try Repository.bytes("models/fish/samples/seabream.jpg")
        try await withServer([.status(200, body: picture)]) { workshop, server in
            let record = try await fetch(workshop, server)
            #expect(try record.output(PredictImage.Output.self).label == "seabream")
        }
    }

    @Test("what the server refuses is not asked for again", arguments: [301, 302, 400, 401, 403, 404, 410])
    func refused(_ status: Int) async throws {
        try await withServer([.status(status, headers: ["location": "/elsewhere"])]) { workshop, server in
            let record = try await fetch(workshop, server)
            #expect(record.state == .failure && record.attempt == 1)
            #expect(record.failure?.message == "the image server answered \(status)")
            #expect(server.requests.map(\.path) == ["/fish.jpg"])
        }
    }

    @Test("a server in trouble is asked again", arguments: [408, 429, 500, 503])
    func trouble(_ status: Int) async throws {
        try await withServer([.status(status)]) { workshop, server in
            let message = TaskMessage(task: PredictImage.name, payload: Array(Self.input(server).utf8))
            _ = try await workshop.client.enqueue([message])
            let failure = try await workshop.bench.firstFailure(of: message.id)?.failure
            #expect(failure?.message == "the image server answered \(status)")
        }
    }

    @Test("a picture over the limit is refused at once")
    func tooLarge() async throws {
        let body = [UInt8](repeating: 0, count: 1 << 20 + 1)
        try await withServer([.status(200, body: body)]) { workshop, server in
            let record = try await fetch(workshop, server)
            #expect(record.state == .failure && record.attempt == 1)
            #expect(record.failure?.message == "the picture is over the limit of 1048576 bytes")
        }
    }

    @Test("a server whose name merely begins like an allowed one is never asked")
    func lookalike() async throws {
        // The first digits of the port, as `https://cdn.example.com` begins `https://cdn.example.com.evil.net`.
        try await withServer([], prefix: { "http://127.0.0.1:\($0 / 10)" }) { workshop, server in
            let record = try await fetch(workshop, server)
            #expect(record.failure?.message.contains("not below an allowed prefix") == true)
            #expect(server.requests.isEmpty)
        }
    }
}
