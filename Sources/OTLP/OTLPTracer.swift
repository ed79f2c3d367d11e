public import Tracing

/// Makes spans, carries their context by W3C's `traceparent`, and hands those that ended to an exporter.
public struct OTLPTracer: Tracer {
    private let exporter: OTLPExporter

    /// Makes a tracer; the exporter must run.
    public init(_ exporter: OTLPExporter) {
        self.exporter = exporter
    }

    /// Begins a span.
    public func startSpan<Instant: TracerInstant>(
        _ operationName: String, context: @autoclosure () -> InstrumentationContext, ofKind kind: SpanKind,
        at instant: @autoclosure () -> Instant, function: String, file fileID: String, line: UInt
    ) -> OTLPSpan {
        OTLPSpan(
            operationName, in: context(), kind: kind, start: instant().nanosecondsSinceEpoch,
            export: { [exporter] in exporter.add($0) })
    }

    /// Nothing to do: the exporter sends by the clock and at the end.
    public func forceFlush() {}

    /// Reads `traceparent`.
    public func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout InstrumentationContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        guard let text = extractor.extract(key: "traceparent", from: carrier), let parent = TraceContext(text) else {
            return
        }
        context.traceContext = parent
    }

    /// Writes `traceparent`.
    public func inject<Carrier, Inject: Injector>(
        _ context: InstrumentationContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        guard let own = context.traceContext else { return }
        injector.inject(own.traceparent, forKey: "traceparent", into: &carrier)
    }
}
