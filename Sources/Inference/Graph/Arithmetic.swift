/// The element types an operator handles itself.
enum Arithmetic: Sendable {
    /// It moves elements and does not look at them.
    case anyElement
    /// It computes with integers, 32-bit and 64-bit floats.
    case numbers
    /// It computes with 32-bit floats; other floats are converted to them, and its results back.
    case float32

    /// Whether elements of this type have to be converted to 32-bit floats first.
    func converts(_ type: ElementType) -> Bool {
        switch self {
        case .anyElement: false
        case .numbers: type == .float16 || type == .bfloat16
        case .float32: type == .float16 || type == .bfloat16 || type == .float64
        }
    }
}
