#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// An element to compute with: integers wrap around and never trap, floats follow IEEE 754.
protocol Number: Element, Comparable {
    static func sum(_ a: Self, _ b: Self) -> Self
    static func difference(_ a: Self, _ b: Self) -> Self
    static func product(_ a: Self, _ b: Self) -> Self
    /// For integers rounded towards zero; by zero, zero.
    static func quotient(_ a: Self, _ b: Self) -> Self
    /// The remainder with the sign of the dividend.
    static func remainder(_ a: Self, _ b: Self) -> Self
    static func power(_ a: Self, _ b: Double) -> Self
}

extension Number where Self: FixedWidthInteger {
    static func sum(_ a: Self, _ b: Self) -> Self { a &+ b }
    static func difference(_ a: Self, _ b: Self) -> Self { a &- b }
    static func product(_ a: Self, _ b: Self) -> Self { a &* b }
    static func quotient(_ a: Self, _ b: Self) -> Self { b == 0 ? 0 : a.dividedReportingOverflow(by: b).partialValue }
    static func remainder(_ a: Self, _ b: Self) -> Self {
        b == 0 ? 0 : a.remainderReportingOverflow(dividingBy: b).partialValue
    }
    static func power(_ a: Self, _ b: Double) -> Self { Self(nearest: pow(a.double, b)) }
}

extension Int8: Number {}
extension Int16: Number {}
extension Int32: Number {}
extension Int64: Number {}
extension UInt8: Number {}
extension UInt16: Number {}
extension UInt32: Number {}
extension UInt64: Number {}

extension Number where Self: BinaryFloatingPoint {
    static func sum(_ a: Self, _ b: Self) -> Self { a + b }
    static func difference(_ a: Self, _ b: Self) -> Self { a - b }
    static func product(_ a: Self, _ b: Self) -> Self { a * b }
    static func quotient(_ a: Self, _ b: Self) -> Self { a / b }
    static func remainder(_ a: Self, _ b: Self) -> Self { a.truncatingRemainder(dividingBy: b) }
    static func power(_ a: Self, _ b: Double) -> Self { Self(pow(Double(a), b)) }
}

extension Float: Number {}
extension Double: Number {}
