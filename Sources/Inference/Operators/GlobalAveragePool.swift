/// GlobalAveragePool: the mean of each channel's plane.
struct GlobalAveragePool: Operator {
    static let types = ["GlobalAveragePool"]

    private let place: String

    static func prepare(_ node: NodeContext) throws(InferenceError) -> PreparedNode {
        PreparedNode(kernel: GlobalAveragePool(place: node.place), reads: [try node.input(0)])
    }

    func run(_ inputs: [Tensor]) throws(InferenceError) -> [Tensor] {
        let input = inputs[0]
        guard input.shape.count >= 3, !input.values.isEmpty else {
            throw InferenceError.shape("its input has the shape \(input.shape)", at: place)
        }
        let planes = input.shape[0] * input.shape[1]
        let size = input.values.count / planes
        let means = input.values.withUnsafeBufferPointer { values in
            (0..<planes).map { plane in
                var sum: Float = 0
                for index in plane * size..<(plane + 1) * size { sum += values[index] }
                return sum / Float(size)
            }
        }
        let rest = [Int](repeating: 1, count: input.shape.count - 2)
        return [Tensor(unchecked: Array(input.shape[..<2]) + rest, means)]
    }
}
