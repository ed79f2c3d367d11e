import TaskQueue
import Tracing

/// Spans as OTLP's JSON has them.
///
/// Source: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
enum OTLPBatch {
    static func json(_ spans: [OTLPSpan], service: String) throws(PayloadError) -> [UInt8] {
        let resource: JSONValue = .object(["attributes": .array([attribute("service.name", .text(service))])])
        let scope: JSONValue = .object([
            "scope": .object(["name": .text("taskqueue")]), "spans": .array(spans.map(span)),
        ])
        return try PayloadCodec.encode(
            JSONValue.object([
                "resourceSpans": .array([.object(["resource": resource, "scopeSpans": .array([scope])])])
            ]))
    }

    private static func span(_ span: OTLPSpan) -> JSONValue {
        let state = span.snapshot
        var members: [String: JSONValue] = [
            "traceId": .text(span.own.trace), "spanId": .text(span.own.span), "name": .text(state.name),
            "kind": .integer(kind(span.kind)), "startTimeUnixNano": .text("\(span.start)"),
            "endTimeUnixNano": .text("\(state.end ?? span.start)"), "attributes": attributes(state.attributes),
        ]
        if let parent = span.parent { members["parentSpanId"] = .text(parent.span) }
        if let status = state.status { members["status"] = .object(["code": .integer(status.code == .ok ? 1 : 2)]) }
        members["events"] = .array(
            state.events.map { event in
                .object([
                    "name": .text(event.name), "timeUnixNano": .text("\(event.nanosecondsSinceEpoch)"),
                    "attributes": attributes(event.attributes),
                ])
            })
        members["links"] = .array(
            state.links.compactMap { link in
                link.context.traceContext.map {
                    .object(["traceId": .text($0.trace), "spanId": .text($0.span)])
                }
            })
        return .object(members)
    }

    private static func kind(_ kind: SpanKind) -> Int64 {
        switch kind {
        case .internal: 1
        case .server: 2
        case .client: 3
        case .producer: 4
        case .consumer: 5
        }
    }

    private static func attributes(_ attributes: SpanAttributes) -> JSONValue {
        var list: [JSONValue] = []
        attributes.forEach { name, value in
            switch value {
            case .int32(let number): list.append(attribute(name, integer: Int64(number)))
            case .int64(let number): list.append(attribute(name, integer: number))
            case .double(let number): list.append(attribute(name, kind: "doubleValue", .number(number)))
            case .bool(let isTrue): list.append(attribute(name, kind: "boolValue", .bool(isTrue)))
            case .string(let text): list.append(attribute(name, .text(text)))
            case .stringConvertible(let text): list.append(attribute(name, .text("\(text)")))
            default: break
            }
        }
        return .array(list)
    }

    private static func attribute(_ name: String, integer: Int64) -> JSONValue {
        // 64-bit numbers are text in protocol buffers' JSON.
        attribute(name, kind: "intValue", .text("\(integer)"))
    }

    private static func attribute(_ name: String, kind: String = "stringValue", _ value: JSONValue) -> JSONValue {
        .object(["key": .text(name), "value": .object([kind: value])])
    }
}
