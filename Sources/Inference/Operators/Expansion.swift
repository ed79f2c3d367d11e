/// Expand and Tile: a tensor repeated along its axes.
struct Expansion: Operator {
    static let types = ["Expand", "Tile"]

    private let isTile: Bool

    static func prepare(_ node: NodeContext) throws(InferenceError) -> any Operator {
        Expansion(isTile: node.node.type == "Tile")
    }

    var arithmetic: Arithmetic { .anyElement }

    func run(_ call: Invocation) throws(InferenceError) -> [Tensor] {
        let input = try call.rowMajor(0)
        guard let values = try call.integers(1), values.count <= Shape.rankMax,
            values.allSatisfy({ $0 >= 0 && $0 <= Shape.elementsMax })
        else { throw call.mismatch("its shape or repeats make no sense") }
        return [isTile ? try tiled(input, values, call) : try expanded(input, values, call)]
    }

    private func expanded(_ input: Tensor, _ shape: [Int], _ call: Invocation) throws(InferenceError) -> Tensor {
        guard let target = Shape.broadcast(input.shape, shape) else {
            throw call.mismatch("its input of shape \(input.shape) does not expand to \(shape)")
        }
        let own = Shape.padded(input.shape, to: target.count)
        let strides = zip(Layout.rowMajor.strides(own), own).map { $1 == 1 ? 0 : $0 }
        return try copied(input, target, target, strides, call)
    }

    /// Each axis seen as two: the repeats outside, without a stride, and the input's own inside.
    private func tiled(_ input: Tensor, _ repeats: [Int], _ call: Invocation) throws(InferenceError) -> Tensor {
        guard repeats.count == input.shape.count else {
            throw call.mismatch("\(repeats.count) repeats do not fit the shape \(input.shape)")
        }
        var shape = [Int]()
        for (size, count) in zip(input.shape, repeats) {
            let (product, overflow) = size.multipliedReportingOverflow(by: count)
            guard !overflow else { throw call.mismatch("its repeats \(repeats) are too many") }
            shape.append(product)
        }
        let sizes = zip(repeats, input.shape).flatMap { [$0, $1] }
        let strides = Layout.rowMajor.strides(input.shape).flatMap { [0, $0] }
        return try copied(input, shape, sizes, strides, call)
    }

    private func copied(
        _ input: Tensor, _ shape: [Int], _ sizes: [Int], _ strides: [Int], _ call: Invocation
    ) throws(InferenceError) -> Tensor {
        let result = try call.output(shape, input.type)
        if result.count > 0 {
            StridedCopy(shape: sizes, strides: strides, elementSize: input.type.size)
                .run(from: input.storage.start, to: result.storage.start)
        }
        return result
    }
}
