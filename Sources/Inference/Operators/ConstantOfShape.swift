/// ConstantOfShape: one value in every element of a shape that is computed.
struct ConstantOfShape: Operator {
    static let types = ["ConstantOfShape"]

    private let value: Tensor

    static func prepare(_ node: NodeContext) throws(InferenceError) -> any Operator {
        switch node.node.attributes["value"] {
        case nil: return ConstantOfShape(value: try Tensor(shape: [1], values: [0]))
        case .tensor(let tensor) where tensor.count == 1: return ConstantOfShape(value: try tensor.tensor())
        default: throw node.corrupt("its value is not one number")
        }
    }

    var arithmetic: Arithmetic { .anyElement }

    func run(_ call: Invocation) throws(InferenceError) -> [Tensor] {
        guard let shape = try call.integers(0) else { throw call.mismatch("it has no shape") }
        let result = try call.output(shape, value.type)
        StridedCopy(shape: shape, strides: shape.map { _ in 0 }, elementSize: value.type.size)
            .run(from: value.storage.start, to: result.storage.start)
        return [result]
    }
}
