/// Range: numbers from a start, a step apart, before a limit.
struct NumberRange: Operator {
    static let types = ["Range"]

    static func prepare(_ node: NodeContext) throws(InferenceError) -> any Operator { NumberRange() }

    var arithmetic: Arithmetic { .numbers }

    func run(_ call: Invocation) throws(InferenceError) -> [Tensor] {
        let type = try call.input(0).type
        guard let start = try call.scalar(0), let limit = try call.scalar(1), let step = try call.scalar(2),
            let number = type.number, step != 0
        else { throw call.mismatch("its start, limit or step is missing, or the step zero") }
        let count = ((limit - start) / step).rounded(.up)
        guard count <= Double(Shape.elementsMax) else { throw call.mismatch("it would have \(count) elements") }
        let result = try call.output([Int(max(count, 0))], type)
        fill(number, result, start, step)
        return [result]
    }

    private func fill<T: Number>(_: T.Type, _ result: Tensor, _ start: Double, _ step: Double) {
        let to = result.pointer(T.self)
        for index in 0..<result.count { to[index] = T(nearest: start + Double(index) * step) }
    }
}
