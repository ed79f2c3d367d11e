import Synchronization
import TaskQueue
public import Tracing

/// A span that is handed to the exporter when it ends.
public final class OTLPSpan: Span {
    struct State {
        var name: String
        var attributes: SpanAttributes = [:]
        var status: SpanStatus?
        var events: [SpanEvent] = []
        var links: [SpanLink] = []
        var end: UInt64?
    }

    /// What code within the span passes on.
    public let context: InstrumentationContext
    let own: TraceContext
    let parent: TraceContext?
    let kind: SpanKind
    let start: UInt64
    private let state: Mutex<State>
    private let export: @Sendable (OTLPSpan) -> Void

    private static let eventsMax = 64

    init(
        _ name: String, in context: InstrumentationContext, kind: SpanKind, start: UInt64,
        export: @escaping @Sendable (OTLPSpan) -> Void
    ) {
        parent = context.traceContext
        own = TraceContext(childOf: parent)
        var inner = context
        inner.traceContext = own
        self.context = inner
        self.kind = kind
        self.start = start
        self.export = export
        state = Mutex(State(name: name))
    }

    var snapshot: State { state.withLock { $0 } }

    /// The span's name.
    public var operationName: String {
        get { state.withLock { $0.name } }
        set { state.withLock { $0.name = newValue } }
    }

    /// What is known about it.
    public var attributes: SpanAttributes {
        get { state.withLock { $0.attributes } }
        set { state.withLock { $0.attributes = newValue } }
    }

    /// Whether anybody will see it.
    public var isRecording: Bool { own.isSampled && state.withLock { $0.end == nil } }

    /// Says how it went.
    public func setStatus(_ status: SpanStatus) {
        state.withLock { $0.status = status }
    }

    /// Adds something that happened; beyond 64 nothing more is kept.
    public func addEvent(_ event: SpanEvent) {
        state.withLock { if $0.events.count < Self.eventsMax { $0.events.append(event) } }
    }

    /// Adds an error by its type; its words may hold what was sent.
    public func recordError<Instant: TracerInstant>(
        _ error: any Error, attributes: SpanAttributes, at instant: @autoclosure () -> Instant
    ) {
        var attributes = attributes
        attributes["exception.type"] = "\(type(of: error))"
        addEvent(SpanEvent(name: "exception", at: instant(), attributes: attributes))
    }

    /// Adds a relation to another span.
    public func addLink(_ link: SpanLink) {
        state.withLock { if $0.links.count < Self.eventsMax { $0.links.append(link) } }
    }

    /// Ends it; a second time does nothing.
    public func end<Instant: TracerInstant>(at instant: @autoclosure () -> Instant) {
        let time = instant().nanosecondsSinceEpoch
        let isFirst = state.withLock { state in
            defer { state.end = state.end ?? time }
            return state.end == nil
        }
        if isFirst, own.isSampled { export(self) }
    }
}
