import Tracing

/// The identity of a span, as W3C's trace context has it: `00-TRACE-SPAN-FLAGS`.
///
/// Source: https://www.w3.org/TR/trace-context/
struct TraceContext: Hashable, Sendable {
    let trace: String
    let span: String
    let isSampled: Bool

    /// A new span, in a trace of its own or in its parent's.
    init(childOf parent: TraceContext?) {
        trace = parent?.trace ?? Self.random(2)
        span = Self.random(1)
        isSampled = parent?.isSampled ?? true
    }

    /// Reads a `traceparent`; nil for anything else.
    init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        func isHex(_ text: String, _ length: Int) -> Bool {
            text.utf8.count == length
                && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
        }
        // A later version may have more parts, and 255 is none.
        guard parts.count >= 4, isHex(parts[0], 2), parts[0] != "ff", parts[0] != "00" || parts.count == 4,
            isHex(parts[1], 32), isHex(parts[2], 16), isHex(parts[3], 2), parts[1].contains(where: { $0 != "0" }),
            parts[2].contains(where: { $0 != "0" }), let flags = UInt8(parts[3], radix: 16)
        else { return nil }
        trace = parts[1]
        span = parts[2]
        isSampled = flags & 1 == 1
    }

    /// As it travels.
    var traceparent: String { "00-\(trace)-\(span)-\(isSampled ? "01" : "00")" }

    private static func random(_ words: Int) -> String {
        (0..<words).map { _ in
            let text = String(UInt64.random(in: 1 ... .max), radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }.joined()
    }
}

extension InstrumentationContext {
    private enum Key: InstrumentationContextKey {
        typealias Value = TraceContext
        static let nameOverride: String? = "traceparent"
    }

    /// The span in force.
    var traceContext: TraceContext? {
        get { self[Key.self] }
        set { self[Key.self] = newValue }
    }
}
