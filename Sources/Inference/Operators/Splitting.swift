/// Split: a tensor cut into parts along an axis.
struct Splitting: Operator {
    static let types = ["Split"]

    private let axis: Int
    /// The attribute of operator sets before 13, an input since.
    private let sizes: [Int]?
    private let parts: Int

    static func prepare(_ node: NodeContext) throws(InferenceError) -> any Operator {
        let outputs = max(node.node.outputs.count, 1)
        let parts = try node.integer("num_outputs", default: outputs)
        guard parts > 0, parts <= 1 << 16 else { throw node.corrupt("it has \(parts) parts") }
        return Splitting(
            axis: try node.integer("axis", default: 0), sizes: try node.integers("split"), parts: parts)
    }

    var arithmetic: Arithmetic { .anyElement }

    func run(_ call: Invocation) throws(InferenceError) -> [Tensor] {
        let input = try call.input(0)
        guard let axis = Shape.axis(axis, rank: input.shape.count) else {
            throw call.mismatch("axis \(axis) is not in the shape \(input.shape)")
        }
        let length = input.shape[axis]
        let size = (length + parts - 1) / parts
        let even = (0..<parts).map { max(min(size, length - $0 * size), 0) }
        let sizes = try call.integers(1, unless: sizes) ?? even
        guard sizes.count <= 1 << 16, sizes.allSatisfy({ $0 >= 0 && $0 <= length }), sizes.reduce(0, +) == length
        else { throw call.mismatch("parts of \(sizes) do not make up \(length)") }
        let order = input.layout.order(rank: input.shape.count)
        let strides = input.layout.strides(input.shape)
        var results = [Tensor]()
        var start = 0
        for size in sizes {
            var shape = input.shape
            shape[axis] = size
            let result = try call.output(shape, input.type, layout: input.layout)
            if result.count > 0 {
                let source = input.storage.start + start * strides[axis] * input.type.size
                StridedCopy(
                    shape: order.map { shape[$0] }, strides: order.map { strides[$0] }, elementSize: input.type.size
                ).run(from: source, to: result.storage.start)
            }
            results.append(result)
            start += size
        }
        return results
    }
}
