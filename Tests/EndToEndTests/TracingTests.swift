import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

@Suite("A trace", .timeLimit(.minutes(2)))
struct TracingTests {
    @Test("leads from the caller through the gateway to the worker that ran the task")
    func wholeWay() async throws {
        let folder = try TemporaryFolder()
        let collector = try await ScratchHTTPServer.start()
        let environment = ["TASKQUEUE_TELEMETRY_OTLP_ENDPOINT": "http://127.0.0.1:\(collector.port)"]
        let port = try FreePort.next()
        let gateway = Program(
            "gateway", ["--listen", "127.0.0.1:\(port)"], folder: folder.url.path, environment: environment)
        let worker = Program("worker", [], folder: folder.url.path, environment: environment)
        try gateway.start()
        try worker.start()
        try await eventually("it is ready") { await Probe(port: port).status("ready") == 200 }
        let trace = "0af7651916cd43dd8448eb211c80319c"
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)/tasks/send_alert")
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json")
        request.headers.add(name: "traceparent", value: "00-\(trace)-b7ad6b7169203331-01")
        request.body = .bytes(.init(string: #"{"severity":"info","message":"hello"}"#))
        let answer = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        #expect(answer.status == .accepted)
        // Both send what is left when they stop, had they not before.
        let place = try #require(answer.headers.first(name: "location"))
        try await eventually("the task has ended") {
            try await Probe(port: port).get(String(place.dropFirst())).body.contains(#""status":"SUCCESS""#)
        }
        #expect(worker.terminate() == 0)
        #expect(gateway.terminate() == 0)
        func spans(of service: String) -> [String] {
            collector.requests.map(\.body).filter {
                $0.contains(#"{"stringValue":"\#(service)"}"#) && $0.contains(trace)
            }
        }
        #expect(spans(of: "gateway").contains { $0.contains(#""name":"send default""#) })
        #expect(spans(of: "worker").contains { $0.contains(#""name":"process default""#) })
    }
}
