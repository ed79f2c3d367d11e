/// Normalisation by stored statistics (ONNX BatchNormalization, inference form).
struct BatchNormalization: Operator {
    let epsilon: Float

    init(_ node: OnnxNode) {
        epsilon = node.float("epsilon", default: 1e-5)
    }

    func run(_ inputs: [Tensor]) throws(InferenceError) -> Tensor {
        var x = try inputs.tensor(0, of: "BatchNormalization")
        let (factor, shift) = try factors(Array(inputs.dropFirst()))
        guard x.shape.count >= 2, x.shape[1] == factor.count else {
            throw InferenceError(.shapeMismatch, "input \(x.shape) does not have \(factor.count) channels")
        }
        let plane = x.shape.dropFirst(2).reduce(1, *)
        for index in x.values.indices {
            let channel = index / plane % factor.count
            x.values[index] = x.values[index] * factor[channel] + shift[channel]
        }
        return x
    }

    private func factors(_ inputs: [Tensor]) throws(InferenceError) -> (factor: [Float], shift: [Float]) {
        guard inputs.count == 4, inputs.allSatisfy({ $0.values.count == inputs[0].values.count }) else {
            throw InferenceError(.shapeMismatch, "scale, bias, mean and variance must have one number a channel")
        }
        let factor = zip(inputs[0].values, inputs[3].values).map { $0 / ($1 + epsilon).squareRoot() }
        let shift = inputs[1].values.indices.map { inputs[1].values[$0] - inputs[2].values[$0] * factor[$0] }
        return (factor, shift)
    }

    /// The convolution's weights and bias with this normalisation in them; nil if they are not constants that fit.
    func folded(
        into convolution: Convolution, _ step: PreparedGraph.Step, _ own: PreparedGraph.Step,
        _ constants: [String: Tensor]
    ) -> (weights: Tensor, bias: Tensor)? {
        let statistics = own.inputs.dropFirst().compactMap { constants[$0] }
        guard step.inputs.count >= 2, var weights = constants[step.inputs[1]], let channels = weights.shape.first,
            channels > 0, let (factor, shift) = try? factors(statistics), factor.count == channels
        else { return nil }
        var bias = [Float](repeating: 0, count: channels)
        if step.inputs.count > 2 {
            guard let given = constants[step.inputs[2]], given.values.count == channels else { return nil }
            bias = given.values
        }
        let perChannel = weights.values.count / channels
        for index in weights.values.indices { weights.values[index] *= factor[index / perChannel] }
        for channel in 0..<channels { bias[channel] = bias[channel] * factor[channel] + shift[channel] }
        return (weights, Tensor(known: [channels], values: bias))
    }
}
