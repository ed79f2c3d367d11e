/// What a tensor may hold: converted through the widest type of its kind.
protocol Element: BitwiseCopyable, Sendable {
    static var type: ElementType { get }
    /// Whether conversions go through integers; truth values are 0 and 1.
    static var isInteger: Bool { get }
    /// The nearest value; out of range the closest one, and zero for what is no number.
    init(nearest value: Double)
    /// The value modulo the type's range.
    init(wrapping value: Int)
    var double: Double { get }
    var integer: Int { get }
}

extension Element where Self: FixedWidthInteger {
    static var isInteger: Bool { true }
    init(wrapping value: Int) { self.init(truncatingIfNeeded: value) }
    var double: Double { Double(self) }
    var integer: Int { Int(truncatingIfNeeded: self) }

    init(nearest value: Double) {
        if value.isNaN {
            self = 0
        } else if let exact = Self(exactly: value.rounded(.towardZero)) {
            self = exact
        } else {
            self = value < 0 ? .min : .max
        }
    }
}

extension Int8: Element { static var type: ElementType { .int8 } }
extension Int16: Element { static var type: ElementType { .int16 } }
extension Int32: Element { static var type: ElementType { .int32 } }
extension Int64: Element { static var type: ElementType { .int64 } }
extension UInt8: Element { static var type: ElementType { .uint8 } }
extension UInt16: Element { static var type: ElementType { .uint16 } }
extension UInt32: Element { static var type: ElementType { .uint32 } }
extension UInt64: Element { static var type: ElementType { .uint64 } }

extension Element where Self: BinaryFloatingPoint {
    static var isInteger: Bool { false }
    init(nearest value: Double) { self.init(value) }
    init(wrapping value: Int) { self.init(value) }
    var double: Double { Double(self) }
    var integer: Int { Int(Int64(nearest: Double(self))) }
}

extension Float: Element { static var type: ElementType { .float32 } }
extension Double: Element { static var type: ElementType { .float64 } }
