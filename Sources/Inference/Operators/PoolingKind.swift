/// What a pooling makes of the values in its window.
enum PoolingKind: Sendable, Equatable {
    case maximum
    case average
    /// The p-th root of the sum of the p-th powers.
    case norm(power: Double)

    /// Whether there is a loop for 32-bit floats in two dimensions.
    var hasKernel: Bool { self == .maximum || self == .average }
}
