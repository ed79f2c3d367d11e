/// Numbers in a shape, in row-major order (for pictures N × C × H × W).
public struct Tensor: Hashable, Sendable {
    /// The extent of each dimension.
    public let shape: [Int]
    /// As many numbers as the product of the shape.
    public var values: [Float]

    /// The most numbers that one tensor may hold: 1 GiB of them.
    ///
    /// A hostile model must not ask for more.
    public static let elementsMax = 1 << 28

    /// Makes a tensor.
    /// - Throws: `InferenceError` (`shapeMismatch`) if the shape is too large or does not hold that many numbers.
    public init(shape: [Int], values: [Float]) throws(InferenceError) {
        let count = try Tensor.count(shape)
        guard count == values.count else {
            throw InferenceError(
                .shapeMismatch, "a tensor of shape \(shape) holds \(count) numbers, not \(values.count)")
        }
        self.shape = shape
        self.values = values
    }

    /// Makes a tensor of one number throughout.
    init(shape: [Int], repeating value: Float = 0) throws(InferenceError) {
        self.init(known: shape, values: [Float](repeating: value, count: try Tensor.count(shape)))
    }

    init(known shape: [Int], values: [Float]) {
        self.shape = shape
        self.values = values
    }

    /// How many numbers a shape holds, checked against ``elementsMax``.
    static func count(_ shape: [Int]) throws(InferenceError) -> Int {
        var count = 1
        for extent in shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: extent)
            guard extent >= 0, !overflow, product <= elementsMax else {
                throw InferenceError(.shapeMismatch, "a tensor of shape \(shape) is larger than is allowed")
            }
            count = product
        }
        return count
    }

    /// The same numbers in another shape.
    func reshaped(_ shape: [Int]) throws(InferenceError) -> Tensor {
        try Tensor(shape: shape, values: values)
    }
}
