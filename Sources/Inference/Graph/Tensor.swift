/// A dense array of 32-bit floats with a shape, in row-major order.
public struct Tensor: Sendable, Equatable {
    /// Sizes of the dimensions, outermost first; empty for a single number.
    public let shape: [Int]
    /// The elements, as many as the product of `shape`.
    public let values: [Float]

    /// A tensor of `shape`; throws `shapeMismatch` when the values are not as many as it says.
    public init(shape: [Int], values: [Float]) throws(InferenceError) {
        let count = try Shape.count(shape, place: "a tensor")
        guard count == values.count else {
            throw InferenceError(
                .shapeMismatch, what: "The tensor cannot be made", place: "shape \(shape)",
                cause: "it needs \(count) values and \(values.count) were given", remedy: "Give one value per element")
        }
        self.shape = shape
        self.values = values
    }

    /// For kernels, which fill exactly what `Shape.count` allowed them.
    init(unchecked shape: [Int], _ values: [Float]) {
        self.shape = shape
        self.values = values
    }
}
