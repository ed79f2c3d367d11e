#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A point in time on a store's clock, in whole milliseconds since 1970-01-01T00:00:00Z.
///
/// Leases and due times are compared on the store's clock alone; a machine's own clock may be wrong.
public struct Timestamp: Hashable, Comparable, Sendable, RawRepresentable {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    public var rawValue: Int64

    /// Makes a timestamp from milliseconds since 1970.
    public init(rawValue: Int64) {
        self.rawValue = rawValue
    }

    /// This machine's wall clock.
    public static var now: Timestamp {
        Timestamp(Date())
    }

    /// Makes a timestamp from a date, rounded down to the millisecond and clamped to the years it can hold.
    init(_ date: Date) {
        let milliseconds = (date.timeIntervalSince1970 * 1000).rounded(.down)
        rawValue = Int64(exactly: milliseconds) ?? (milliseconds > 0 ? .max : .min)
    }

    /// Earlier comes first.
    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.rawValue < right.rawValue
    }

    /// A later point in time; saturates instead of overflowing.
    public static func + (time: Timestamp, duration: Duration) -> Timestamp {
        let (sum, overflow) = time.rawValue.addingReportingOverflow(duration.wholeMilliseconds)
        return Timestamp(rawValue: overflow ? (duration > .zero ? .max : .min) : sum)
    }

    /// How much later `left` is than `right`; saturates instead of overflowing.
    public static func - (left: Timestamp, right: Timestamp) -> Duration {
        let (difference, overflow) = left.rawValue.subtractingReportingOverflow(right.rawValue)
        return .milliseconds(overflow ? (left > right ? Int64.max : .min) : difference)
    }
}

extension Timestamp: Codable {
    /// Reads an RFC 3339 string.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let time = Timestamp(rfc3339: text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "expected an RFC 3339 time such as 2026-12-01T06:00:00Z")
        }
        self = time
    }

    /// Writes an RFC 3339 string.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension Duration {
    /// Whole milliseconds, rounded towards zero; saturates instead of overflowing.
    public var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        let (sum, overflowToo) = product.addingReportingOverflow(attoseconds / 1_000_000_000_000_000)
        return overflow || overflowToo ? (seconds < 0 ? .min : .max) : sum
    }

    /// Seconds as a floating-point number, for arithmetic that may be inexact.
    public var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }

    /// Seconds that came from outside; nil if they are below zero, no number or more than ten years.
    public init?(finiteSeconds seconds: Double) {
        guard (0...Double(10 * 365 * 86_400)).contains(seconds) else { return nil }
        self = .seconds(seconds)
    }
}
