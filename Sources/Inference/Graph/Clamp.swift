/// Bounds put on a result as it is written: Relu and Clip fused into the operator before them.
struct Clamp: Sendable, Equatable {
    let low: Float
    let high: Float

    static let none = Clamp(low: -.infinity, high: .infinity)
    static let relu = Clamp(low: 0, high: .infinity)

    var isNone: Bool { self == .none }

    /// This clamp followed by another one.
    func then(_ next: Clamp) -> Clamp {
        Clamp(low: next.apply(low), high: next.apply(high))
    }

    @inline(__always)
    func apply(_ value: Float) -> Float { Swift.min(Swift.max(value, low), high) }

    /// Clamps `count` values in place.
    func apply(_ values: UnsafeMutablePointer<Float>, count: Int) {
        guard !isNone else { return }
        for index in 0..<count {
            values[index] = apply(values[index])
        }
    }
}
