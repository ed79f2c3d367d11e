/// Concat: tensors joined along an axis.
struct Concatenation: Operator {
    static let types = ["Concat"]

    private let axis: Int
    private let place: String

    static func prepare(_ node: NodeContext) throws(InferenceError) -> PreparedNode {
        guard !node.node.inputs.isEmpty, node.node.attributes["axis"] != nil else {
            throw node.corrupt("it has no inputs or no axis")
        }
        var reads = [String]()
        for position in node.node.inputs.indices { reads.append(try node.input(position)) }
        let kernel = Concatenation(axis: try node.integer("axis", default: 0), place: node.place)
        return PreparedNode(kernel: kernel, reads: reads)
    }

    func run(_ inputs: [Tensor]) throws(InferenceError) -> [Tensor] {
        var shape = inputs[0].shape
        guard let axis = Shape.axis(axis, rank: shape.count) else {
            throw InferenceError.shape("axis \(axis) is not in the shape \(shape)", at: place)
        }
        shape[axis] = 0
        for input in inputs {
            guard input.shape.count == shape.count,
                shape.indices.allSatisfy({ $0 == axis || input.shape[$0] == shape[$0] })
            else { throw InferenceError.shape("shapes \(inputs.map(\.shape)) cannot be joined", at: place) }
            shape[axis] += input.shape[axis]
        }
        let count = try Shape.count(shape, place: place)
        var values = [Float]()
        values.reserveCapacity(count)
        let inner = shape[(axis + 1)...].reduce(1, *)
        for outer in 0..<shape[..<axis].reduce(1, *) {
            for input in inputs {
                let length = input.shape[axis] * inner
                values += input.values[outer * length..<(outer + 1) * length]
            }
        }
        return [Tensor(unchecked: shape, values)]
    }
}
