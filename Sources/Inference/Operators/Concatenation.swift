/// Concat: tensors joined along an axis.
struct Concatenation: Operator {
    static let types = ["Concat"]

    private let axis: Int

    static func prepare(_ node: NodeContext) throws(InferenceError) -> any Operator {
        guard !node.node.inputs.isEmpty, node.node.attributes["axis"] != nil || node.opset < 4 else {
            throw node.corrupt("it has no inputs or no axis")
        }
        return Concatenation(axis: try node.integer("axis", default: 1))
    }

    var arithmetic: Arithmetic { .anyElement }

    func run(_ call: Invocation) throws(InferenceError) -> [Tensor] {
        let first = try call.input(0)
        var inputs = [Tensor]()
        for position in call.inputs.indices { inputs.append(try call.input(position)) }
        let layout: Layout = inputs.contains { $0.layout == .channelsLast } ? .channelsLast : .rowMajor
        inputs = try inputs.map { (input) throws(InferenceError) in
            layout == .channelsLast ? try call.inChannelsLast(input) : input
        }
        var shape = first.shape
        guard let axis = Shape.axis(axis, rank: shape.count) else {
            throw call.mismatch("axis \(axis) is not in the shape \(shape)")
        }
        shape[axis] = 0
        for input in inputs {
            guard input.shape.count == shape.count, input.type == first.type,
                shape.indices.allSatisfy({ $0 == axis || input.shape[$0] == shape[$0] })
            else { throw call.mismatch("shapes \(inputs.map(\.shape)) cannot be joined") }
            shape[axis] += input.shape[axis]
        }
        let result = try call.output(shape, first.type, layout: layout)
        join(inputs, along: axis, result)
        return [result]
    }

    private func join(_ inputs: [Tensor], along axis: Int, _ result: Tensor) {
        let order = result.layout.order(rank: result.shape.count)
        let inside = (order.firstIndex(of: axis) ?? 0) + 1
        let inner = order[inside...].reduce(result.type.size) { $0 * result.shape[$1] }
        let outer = order[..<(inside - 1)].reduce(1) { $0 * result.shape[$1] }
        var start = 0
        for input in inputs {
            let length = input.shape[axis] * inner
            for index in 0..<outer where length > 0 {
                (result.storage.start + index * result.shape[axis] * inner + start).copyMemory(
                    from: input.storage.start + index * length, byteCount: length)
            }
            start += length
        }
    }
}
