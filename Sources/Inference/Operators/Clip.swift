/// Clip with bounds that are known only when the model runs, or of integers.
struct Clip: Operator {
    static let types = ["Clip"]

    /// With bounds known at load it is an activation like Relu.
    static func prepare(_ node: NodeContext) throws(InferenceError) -> any Operator {
        if node.opset < 11 {
            let low = try node.float("min", default: -.infinity)
            return Activation(function: .clamp(low: low, high: try node.float("max", default: .infinity)))
        }
        var bounds: [Float] = [-.infinity, .infinity]
        for position in 1...2 where node.hasInput(position) {
            guard let bound = try node.constant(position), bound.type == .float32, bound.count == 1 else {
                return Clip()
            }
            bounds[position - 1] = bound.values[0]
        }
        // Without any bound not even the type is known.
        guard node.hasInput(1) || node.hasInput(2) else { return Clip() }
        return Activation(function: .clamp(low: bounds[0], high: bounds[1]))
    }

    var arithmetic: Arithmetic { .numbers }

    func run(_ call: Invocation) throws(InferenceError) -> [Tensor] {
        let input = try call.input(0)
        guard let number = input.type.number else { throw call.mismatch("its input is of type \(input.type)") }
        return [try clip(number, input, call)]
    }

    private func clip<T: Number>(_: T.Type, _ input: Tensor, _ call: Invocation) throws(InferenceError) -> Tensor {
        let low = try bound(1, T.self, call)
        let high = try bound(2, T.self, call)
        let result = try call.output(input.shape, input.type, layout: input.layout)
        let (from, to) = (input.pointer(T.self), result.pointer(T.self))
        for index in 0..<input.count {
            var value = from[index]
            if let low, value < low { value = low }
            if let high, value > high { value = high }
            to[index] = value
        }
        return result
    }

    private func bound<T: Number>(_ position: Int, _: T.Type, _ call: Invocation) throws(InferenceError) -> T? {
        guard let tensor = call.optional(position) else { return nil }
        guard tensor.count == 1 else { throw call.mismatch("its bounds are not single numbers") }
        return tensor.elements(as: T.self)[0]
    }
}
