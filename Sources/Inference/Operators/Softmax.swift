#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Softmax along an axis; before operator set 13, over all dimensions from the axis on.
struct Softmax: Operator {
    static let types = ["Softmax"]

    private let axis: Int
    private let flattens: Bool
    private let place: String

    static func prepare(_ node: NodeContext) throws(InferenceError) -> PreparedNode {
        let flattens = node.opset < 13
        let axis = try node.integer("axis", default: flattens ? 1 : -1)
        return PreparedNode(
            kernel: Softmax(axis: axis, flattens: flattens, place: node.place), reads: [try node.input(0)])
    }

    func run(_ inputs: [Tensor]) throws(InferenceError) -> [Tensor] {
        let input = inputs[0]
        guard let axis = Shape.axis(axis, rank: input.shape.count) else {
            throw InferenceError.shape("axis \(axis) is not in the shape \(input.shape)", at: place)
        }
        guard !input.values.isEmpty else { return [input] }
        let inner = flattens ? 1 : input.shape[(axis + 1)...].reduce(1, *)
        let length = flattens ? input.shape[axis...].reduce(1, *) : input.shape[axis]
        var values = input.values
        for outer in 0..<values.count / (inner * length) {
            for position in 0..<inner {
                let start = outer * inner * length + position
                normalise(&values, stride(from: start, to: start + inner * length, by: inner))
            }
        }
        return [Tensor(unchecked: input.shape, values)]
    }

    /// The greatest element is subtracted first, so that no exponential overflows.
    private func normalise(_ values: inout [Float], _ indices: StrideTo<Int>) {
        var greatest = -Float.infinity
        for index in indices { greatest = max(greatest, values[index]) }
        var sum: Float = 0
        for index in indices {
            values[index] = expf(values[index] - greatest)
            sum += values[index]
        }
        for index in indices { values[index] /= sum }
    }
}
