/// A truth value as ONNX stores it: one byte, 0 or 1.
struct Truth: Element {
    static var type: ElementType { .bool }
    static var isInteger: Bool { true }

    let byte: UInt8

    init(_ value: Bool) { byte = value ? 1 : 0 }
    init(nearest value: Double) { self.init(value != 0) }
    init(wrapping value: Int) { self.init(value != 0) }
    var value: Bool { byte != 0 }
    var double: Double { value ? 1 : 0 }
    var integer: Int { value ? 1 : 0 }
}
