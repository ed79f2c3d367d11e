import InMemoryTracing
import TaskQueue
import TestSupport
import Testing
import Tracing

@Suite("Tracing", .timeLimit(.minutes(1)))
struct TracingTests {
    // Its own names hold a hyphen, which separates the parts of a traceparent.
    private let tracer = InMemoryTracer(idGenerator: .hexadecimal)

    /// A client and a worker that trace, the worker with `scripted` and `halve`.
    private func withTracing(
        _ driver: DriverUnderTest, _ handler: Scripted, _ body: @Sendable (TaskClient) async throws -> Void
    ) async throws {
        let bench = try await driver.make(isReal: true)
        var registry = TaskRegistry()
        registry.register(handler)
        registry.register(batch: Halve())
        let middleware: [any TaskMiddleware] = [TracingMiddleware()]
        let worker = Worker(
            broker: bench.broker, results: bench.results, registry: registry, configuration: WorkerConfiguration(),
            middleware: middleware, logger: quiet)
        let client = TaskClient(broker: bench.broker, results: bench.results, middleware: middleware)
        try await withTracer(W3CTracer(base: tracer)) {
            try await worker.run { try await body(client) }
        }
    }

    private func spans(_ name: String) -> [FinishedInMemorySpan] {
        tracer.finishedSpans.filter { $0.operationName == name }
    }

    private func attributes(_ span: FinishedInMemorySpan) -> [String: SpanAttribute] {
        var all: [String: SpanAttribute] = [:]
        span.attributes.forEach { name, value in all[name] = value }
        return all
    }

    @Test("a run is the child of the submission, in any driver", arguments: DriverUnderTest.allCases)
    func single(_ driver: DriverUnderTest) async throws {
        try await withTracing(driver, Scripted { _, _ in }) { client in
            let receipt = try await client.enqueue(Scripted.self, .init())
            _ = try await receipt.result(timeout: .seconds(30))
            let send = try #require(spans("send default").first)
            let process = try #require(spans("process default").first)
            #expect(send.kind == .producer && process.kind == .consumer)
            #expect(process.traceID == send.traceID && process.parentSpanID == send.spanID)
            let common: [String: SpanAttribute] = [
                "messaging.system": "taskqueue", "messaging.destination.name": "default",
                "messaging.message.id": .string("\(receipt.id)"), "taskqueue.task": "scripted",
            ]
            let sending: [String: SpanAttribute] = [
                "messaging.operation.name": "send", "messaging.operation.type": "send",
            ]
            let processing: [String: SpanAttribute] = [
                "messaging.operation.name": "process", "messaging.operation.type": "process", "taskqueue.attempt": 1,
            ]
            #expect(attributes(send) == common.merging(sending) { $1 })
            #expect(attributes(process) == common.merging(processing) { $1 })
            #expect(send.status == nil && process.status == nil)
        }
    }

    @Test("the context travels as a traceparent header beside the caller's own")
    func header() async throws {
        let seen = Trail()
        let handler = Scripted { _, context in
            seen.add(context.headers["traceparent"] ?? "none")
            seen.add(context.headers["tenant"] ?? "none")
        }
        try await withTracing(.sqlite, handler) { client in
            var options = TaskOptions()
            options.headers["tenant"] = "north"
            _ = try await client.enqueue(Scripted.self, .init(), options).result(timeout: .seconds(30))
            let send = try #require(spans("send default").first)
            #expect(seen.steps == ["00-\(send.traceID)-\(send.spanID)-01", "north"])
        }
    }

    @Test("a submission continues the trace that it is made in, or that a message brings along")
    func parents() async throws {
        try await withTracing(.memory, Scripted { _, _ in }) { client in
            var options = TaskOptions()
            options.headers["traceparent"] = "00-from-outside-01"
            _ = try await client.enqueue(Scripted.self, .init(), options).result(timeout: .seconds(30))
            let brought = try #require(spans("send default").first)
            #expect(brought.traceID == "from" && brought.parentSpanID == "outside")

            tracer.clearFinishedSpans()
            try await withSpan("request") { _ in
                _ = try await client.enqueue(Scripted.self, .init(), options).result(timeout: .seconds(30))
            }
            let request = try #require(spans("request").first)
            #expect(spans("send default").map(\.parentSpanID) == [request.spanID])
        }
    }

    @Test("every attempt has a span of its own, and one that failed says how")
    func failures() async throws {
        let handler = Scripted { _, context in if context.attempt == 1 { throw Oops() } }
        try await withTracing(.memory, handler) { client in
            _ = try await client.enqueue(Scripted.self, .init()).result(timeout: .seconds(30))
            let runs = spans("process default")
            #expect(runs.map { attributes($0)["taskqueue.attempt"] } == [1, 2])
            #expect(runs.map { $0.status?.code } == [.error, nil])
            #expect(runs.first.map { attributes($0)["error.type"] } == "Oops")
            #expect(runs.first?.errors.count == 1)
            #expect(Set(runs.map(\.parentSpanID)) == [spans("send default").first?.spanID])
        }
    }

    @Test("what a handler submits belongs to its span")
    func nested() async throws {
        let clients = AsyncStream.makeStream(of: TaskClient.self)
        let handler = Scripted { input, _ in
            guard input.text == "outer" else { return }
            for await client in clients.stream {
                try await client.enqueue(Scripted.self, .init(text: "inner"))
                return
            }
        }
        try await withTracing(.memory, handler) { client in
            clients.continuation.yield(client)
            _ = try await client.enqueue(Scripted.self, .init(text: "outer")).result(timeout: .seconds(30))
            let first = try #require(spans("send default").first { $0.parentSpanID == nil })
            let outer = try #require(spans("process default").first { $0.parentSpanID == first.spanID })
            #expect(spans("send default").contains { $0.parentSpanID == outer.spanID })
        }
    }

    @Test("a batch is one span, linked to the submission of each of its messages")
    func batch() async throws {
        try await withTracing(.memory, Scripted { _, _ in }) { client in
            var messages = (0..<3).map { TaskMessage(task: Halve.name, payload: Array("{\"number\":\($0 * 2)}".utf8)) }
            messages[2].queue = "other"
            _ = try await client.enqueue(messages)
            for message in messages {
                #expect(try await client.wait(for: message.id, atMost: .seconds(30)).state == .success)
            }
            let send = try #require(spans("send several").first)
            #expect(attributes(send)["messaging.batch.message_count"] == 3)
            #expect(attributes(send)["messaging.destination.name"] == nil)
            let runs = tracer.finishedSpans.filter { $0.kind == .consumer }
            let linked = runs.flatMap(\.links).map { $0.context.inMemorySpanContext?.spanID }
            #expect(linked == [send.spanID, send.spanID, send.spanID])
            #expect(runs.allSatisfy { $0.parentSpanID == nil })
        }
    }

    @Test("a refused submission fails its span")
    func refused() async throws {
        try await withTracer(W3CTracer(base: tracer)) {
            let bench = try await DriverUnderTest.memory.make()
            let client = TaskClient(
                broker: bench.broker, results: bench.results, middleware: [TracingMiddleware(), Closed()])
            await #expect(throws: Oops.self) { try await client.enqueue(Scripted.self, .init()) }
            let send = try #require(spans("send default").first)
            #expect(send.status?.code == .error && attributes(send)["error.type"] == "Oops")
        }
    }
}

/// Lets nothing through.
private struct Closed: TaskMiddleware {
    func enqueue(
        _ messages: [TaskMessage], next: @Sendable ([TaskMessage]) async throws -> [EnqueueReceipt]
    ) async throws -> [EnqueueReceipt] {
        throw Oops()
    }
}

/// An in-memory tracer that propagates as W3C's Trace Context does.
private struct W3CTracer: Tracer {
    let base: InMemoryTracer

    func startSpan<Instant: TracerInstant>(
        _ operationName: String, context: @autoclosure () -> InstrumentationContext, ofKind kind: SpanKind,
        at instant: @autoclosure () -> Instant, function: String, file fileID: String, line: UInt
    ) -> InMemorySpan {
        base.startSpan(
            operationName, context: context(), ofKind: kind, at: instant(), function: function, file: fileID, line: line
        )
    }

    func forceFlush() {}

    func inject<Carrier, Inject: Injector>(
        _ context: InstrumentationContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        guard let span = context.inMemorySpanContext else { return }
        injector.inject("00-\(span.traceID)-\(span.spanID)-01", forKey: "traceparent", into: &carrier)
    }

    func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout InstrumentationContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        let parts = extractor.extract(key: "traceparent", from: carrier)?.split(separator: "-").map(String.init) ?? []
        guard parts.count == 4 else { return }
        context.inMemorySpanContext = InMemorySpanContext(traceID: parts[1], spanID: parts[2], parentSpanID: nil)
    }
}

extension InMemoryTracer.IDGenerator {
    fileprivate static var hexadecimal: Self {
        Self(
            nextTraceID: { String(UInt64.random(in: .min ... .max), radix: 16) },
            nextSpanID: { String(UInt64.random(in: .min ... .max), radix: 16) })
    }
}
