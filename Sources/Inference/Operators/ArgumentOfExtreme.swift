/// ArgMax and ArgMin: where along an axis the greatest or least value is.
struct ArgumentOfExtreme: Operator {
    static let types = ["ArgMax", "ArgMin"]

    private let isMaximum: Bool
    private let axis: Int
    private let keepsAxis: Bool
    private let takesLast: Bool

    static func prepare(_ node: NodeContext) throws(InferenceError) -> any Operator {
        ArgumentOfExtreme(
            isMaximum: node.node.type == "ArgMax", axis: try node.integer("axis", default: 0),
            keepsAxis: try node.flag("keepdims", default: true), takesLast: try node.flag("select_last_index"))
    }

    var arithmetic: Arithmetic { .numbers }

    func run(_ call: Invocation) throws(InferenceError) -> [Tensor] {
        let input = try call.rowMajor(0)
        guard let axis = Shape.axis(axis, rank: input.shape.count), let number = input.type.number,
            input.shape[axis] > 0
        else { throw call.mismatch("axis \(axis) of its input of shape \(input.shape) cannot be searched") }
        var shape = input.shape
        if keepsAxis { shape[axis] = 1 } else { shape.remove(at: axis) }
        let result = try call.output(shape, .int64)
        search(number, input, axis, result)
        return [result]
    }

    private func search<T: Number>(_: T.Type, _ input: Tensor, _ axis: Int, _ result: Tensor) {
        let length = input.shape[axis]
        let inner = input.shape[(axis + 1)...].reduce(1, *)
        let (from, to) = (input.pointer(T.self), result.pointer(Int64.self))
        for index in 0..<result.count {
            let start = from + index / inner * length * inner + index % inner
            var best = 0
            for place in 1..<max(length, 1) {
                let (value, known) = (start[place * inner], start[best * inner])
                let isBetter = isMaximum ? value > known : value < known
                if isBetter || (takesLast && value == known) { best = place }
            }
            to[index] = Int64(best)
        }
    }
}
