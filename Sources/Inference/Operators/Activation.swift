import FoundationEssentials

#if canImport(Glibc)
    import Glibc
#endif

/// Functions of one number, applied to each.
enum Activation: Operator {
    case relu
    case sigmoid

    func run(_ inputs: [Tensor]) throws(InferenceError) -> Tensor {
        var x = try inputs.tensor(0, of: "activation")
        switch self {
        case .relu: for index in x.values.indices { x.values[index] = max(x.values[index], 0) }
        case .sigmoid: for index in x.values.indices { x.values[index] = 1 / (1 + expf(-x.values[index])) }
        }
        return x
    }
}

/// Limits each number (ONNX Clip; bounds as attributes before opset 11, as inputs since).
struct Clip: Operator {
    let low: Float
    let high: Float

    init(_ node: OnnxNode) {
        low = node.float("min", default: -.infinity)
        high = node.float("max", default: .infinity)
    }

    func run(_ inputs: [Tensor]) throws(InferenceError) -> Tensor {
        var x = try inputs.tensor(0, of: "Clip")
        let low = inputs.count > 1 ? inputs[1].values.first ?? low : low
        let high = inputs.count > 2 ? inputs[2].values.first ?? high : high
        for index in x.values.indices { x.values[index] = min(max(x.values[index], low), high) }
        return x
    }
}

/// Turns numbers into shares of one along an axis (ONNX Softmax), shifted so that none overflows.
struct Softmax: Operator {
    let axis: Int

    init(_ node: OnnxNode) {
        axis = node.integer("axis", default: -1)
    }

    func run(_ inputs: [Tensor]) throws(InferenceError) -> Tensor {
        var x = try inputs.tensor(0, of: "Softmax")
        let axis = axis < 0 ? axis + x.shape.count : axis
        guard x.shape.indices.contains(axis) else {
            throw InferenceError(.shapeMismatch, "axis \(self.axis) is not one of \(x.shape)")
        }
        let count = x.shape[axis]
        let inner = x.shape[(axis + 1)...].reduce(1, *)
        guard count > 0, inner > 0 else { return x }
        for outer in 0..<x.values.count / (count * inner) {
            for offset in 0..<inner {
                let places = (0..<count).map { (outer * count + $0) * inner + offset }
                let largest = places.reduce(-Float.infinity) { max($0, x.values[$1]) }
                for place in places { x.values[place] = expf(x.values[place] - largest) }
                let sum = places.reduce(0) { $0 + x.values[$1] }
                for place in places { x.values[place] /= sum }
            }
        }
        return x
    }
}
