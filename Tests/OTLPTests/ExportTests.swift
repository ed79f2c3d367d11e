import AsyncHTTPClient
import OTLP
import ServiceLifecycle
import TaskQueue
import TestSupport
import Testing
import Tracing

@Suite("Spans sent to a collector", .timeLimit(.minutes(1)))
struct ExportTests {
    private struct Headers: Injector, Extractor {
        func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) { carrier[key] = value }
        func extract(key: String, from carrier: [String: String]) -> String? { carrier[key] }
    }

    @Test("arrive as OTLP's JSON with parent, kind, attributes and status, also those of the last moment")
    func export() async throws {
        let collector = try await ScratchHTTPServer.start()
        let exporter = OTLPExporter(
            endpoint: "http://127.0.0.1:\(collector.port)", service: "me", http: .shared, logger: LogBook().logger())
        let tracer = OTLPTracer(exporter)
        let group = ServiceGroup(
            configuration: .init(services: [exporter], logger: LogBook().logger()))
        async let running: Void = group.run()
        var context = InstrumentationContext.topLevel
        let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        tracer.extract(["traceparent": parent], into: &context, using: Headers())
        var carried: [String: String] = [:]
        tracer.withSpan("GET /status", context: context, ofKind: .server) { span in
            span.attributes["http.response.status_code"] = 200
            span.setStatus(SpanStatus(code: .ok))
            tracer.inject(span.context, into: &carried, using: Headers())
        }
        await group.triggerGracefulShutdown()
        try await running
        let request = try #require(collector.requests.first)
        #expect(request.path == "/v1/traces")
        let body = request.body
        for part in [
            #""traceId":"0af7651916cd43dd8448eb211c80319c""#, #""parentSpanId":"b7ad6b7169203331""#, #""kind":2"#,
            #""name":"GET /status""#, #"{"intValue":"200"}"#, #""status":{"code":1}"#, #"{"stringValue":"me"}"#,
        ] {
            #expect(body.contains(part), "\(part)")
        }
        #expect(carried["traceparent"]?.hasPrefix("00-0af7651916cd43dd8448eb211c80319c-") == true)
        #expect(carried["traceparent"] != parent)
    }

    @Test(
        "a context that makes no sense begins a trace of its own",
        arguments: [
            "", "00-1-2-01", "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        ])
    func badContext(_ text: String) async throws {
        let exporter = OTLPExporter(
            endpoint: "http://127.0.0.1:1", service: "me", http: .shared, logger: LogBook().logger())
        let tracer = OTLPTracer(exporter)
        var context = InstrumentationContext.topLevel
        tracer.extract(["traceparent": text], into: &context, using: Headers())
        var carried: [String: String] = [:]
        tracer.inject(context, into: &carried, using: Headers())
        #expect(carried.isEmpty)
    }
}
