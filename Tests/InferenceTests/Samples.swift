@testable import Inference

/// Tensors of seeded random values.
enum Samples {
    static func tensor(_ shape: [Int], seed: UInt64, in range: ClosedRange<Float> = -1...1) throws -> Tensor {
        var random = SeededGenerator(seed: seed)
        let count = shape.reduce(1, *)
        return try Tensor(shape: shape, values: (0..<count).map { _ in Float.random(in: range, using: &random) })
    }

    /// The greatest distance between two tensors' values, in parts of the greatest value.
    static func distance(_ a: [Float], _ b: [Float]) -> Float {
        let greatest = b.map(abs).max() ?? 0
        return zip(a, b).map { abs($0 - $1) }.max().map { $0 / max(greatest, 1e-6) } ?? .infinity
    }
}
