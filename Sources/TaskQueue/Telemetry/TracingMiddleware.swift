import Tracing

/// Spans around submissions and runs, in one trace from the producer to the handler.
///
/// Put it into the client's and the worker's middleware. The trace context travels in the messages' headers, under the
/// names that the tracer's propagator chooses (`traceparent` for W3C's). Names and attributes follow OpenTelemetry's
/// semantic conventions for messaging.
public struct TracingMiddleware: TaskMiddleware {
    /// Traces with the tracer that is in force at the time.
    public init() {}

    private var tracer: any Tracer { InstrumentationSystem.tracer }

    /// One `send` span for the submission; every message carries its context.
    public func enqueue(
        _ messages: [TaskMessage], next: @Sendable ([TaskMessage]) async throws -> [EnqueueReceipt]
    ) async throws -> [EnqueueReceipt] {
        guard let first = messages.first else { return try await next(messages) }
        let tracer = tracer
        // Outside any span, a single message may bring the context of whoever asked for it.
        let parent = InstrumentationContext.current ?? (messages.count == 1 ? context(of: first) : .topLevel)
        let queue = messages.allSatisfy { $0.queue == first.queue } ? first.queue : nil
        return try await tracer.withSpan("send \(queue ?? "several")", context: parent, ofKind: .producer) { span in
            describe(span, "send", queue, messages.map(\.id), task: first.task)
            let carrying = messages.map { message in
                var message = message
                tracer.inject(span.context, into: &message.headers, using: Headers())
                return message
            }
            return try await marking(span) { try await next(carrying) }
        }
    }

    /// A `process` span as a child of the span that sent the message.
    public func run(_ context: TaskContext, next: @Sendable () async throws -> [UInt8]) async throws -> [UInt8] {
        let parent = self.context(of: context.message)
        return try await tracer.withSpan("process \(context.queue)", context: parent, ofKind: .consumer) { span in
            describe(span, "process", context.queue, [context.id], task: context.task)
            span.attributes["taskqueue.attempt"] = context.attempt
            return try await marking(span, next)
        }
    }

    /// A `process` span for the batch, linked to every span that sent one of its messages.
    public func runBatch(
        _ context: BatchContext, next: @Sendable () async throws -> [Result<[UInt8], any Error>]
    ) async throws -> [Result<[UInt8], any Error>] {
        guard let first = context.items.first else { return try await next() }
        return try await tracer.withSpan("process \(first.queue)", context: .topLevel, ofKind: .consumer) { span in
            describe(span, "process", first.queue, context.items.map(\.id), task: first.task)
            for item in context.items {
                span.addLink(SpanLink(context: self.context(of: item.message), attributes: [:]))
            }
            return try await marking(span, next)
        }
    }

    private func context(of message: TaskMessage) -> InstrumentationContext {
        var context = InstrumentationContext.topLevel
        tracer.extract(message.headers, into: &context, using: Headers())
        return context
    }

    private func describe(
        _ span: some Span, _ operation: String, _ queue: String?, _ ids: [TaskID], task: String
    ) {
        span.updateAttributes { attributes in
            attributes["messaging.system"] = "taskqueue"
            attributes["messaging.operation.name"] = operation
            attributes["messaging.operation.type"] = operation
            attributes["messaging.destination.name"] = queue
            attributes["taskqueue.task"] = task
            if ids.count == 1 {
                attributes["messaging.message.id"] = ids.first?.description
            } else {
                attributes["messaging.batch.message_count"] = ids.count
            }
        }
    }

    /// Marks a span as failed by the type of the error; the tracer records the error itself.
    private func marking<Value>(_ span: some Span, _ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch {
            span.attributes["error.type"] = "\(type(of: error))"
            span.setStatus(SpanStatus(code: .error))
            throw error
        }
    }

    private struct Headers: Injector, Extractor {
        func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) {
            carrier[key] = value
        }

        func extract(key: String, from carrier: [String: String]) -> String? {
            carrier[key]
        }
    }
}
