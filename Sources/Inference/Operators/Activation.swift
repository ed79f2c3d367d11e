/// Relu and Clip: bounds on every element.
struct Activation: Operator {
    static let types = ["Clip", "Relu"]

    let clamp: Clamp

    static func prepare(_ node: NodeContext) throws(InferenceError) -> PreparedNode {
        let clamp = node.node.type == "Relu" ? .relu : try bounds(node)
        return PreparedNode(kernel: Activation(clamp: clamp), reads: [try node.input(0)])
    }

    func fusing(_ clamp: Clamp) -> (any Operator)? { Activation(clamp: self.clamp.then(clamp)) }

    func run(_ inputs: [Tensor]) throws(InferenceError) -> [Tensor] {
        var values = inputs[0].values
        values.withUnsafeMutableBufferPointer { buffer in
            if let start = buffer.baseAddress { clamp.apply(start, count: buffer.count) }
        }
        return [Tensor(unchecked: inputs[0].shape, values)]
    }

    /// The bounds were attributes before operator set 11 and are inputs since.
    private static func bounds(_ node: NodeContext) throws(InferenceError) -> Clamp {
        guard node.opset >= 11 else {
            return Clamp(
                low: try node.float("min", default: -.infinity), high: try node.float("max", default: .infinity))
        }
        let low = try node.floats(1)?.values ?? [-.infinity]
        let high = try node.floats(2)?.values ?? [.infinity]
        guard low.count == 1, high.count == 1 else { throw node.corrupt("its bounds are not single numbers") }
        return Clamp(low: low[0], high: high[0])
    }
}
