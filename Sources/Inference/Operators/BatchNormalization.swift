import CKernels

/// BatchNormalization that no convolution could take over: a scale and a shift for each channel.
struct BatchNormalization: Operator {
    static let types = ["BatchNormalization"]

    private let epsilon: Float
    private var activation = ActivationFunction.identity

    static func prepare(_ node: NodeContext) throws(InferenceError) -> any Operator {
        guard try !node.flag("training_mode"), !node.hasOutput(1) else {
            throw node.unsupported("it is in training mode")
        }
        guard try node.flag("spatial", default: true) else {
            throw node.unsupported("it has a mean for each pixel (spatial = 0)")
        }
        return BatchNormalization(epsilon: try node.float("epsilon", default: 1e-5))
    }

    /// What a node does to each of `channels`, if that is known at load.
    static func constantAffine(_ node: NodeContext, _ channels: Int) throws(InferenceError) -> ChannelAffine? {
        guard let kernel = try prepare(node) as? BatchNormalization else { return nil }
        var parts = [[Float]]()
        for position in 1...4 {
            guard let part = try node.constant(position), part.type.isFloating else { return nil }
            parts.append(part.values)
        }
        let affine = kernel.affine(parts)
        return affine?.scale.count == channels ? affine : nil
    }

    private init(epsilon: Float) {
        self.epsilon = epsilon
    }

    func fusing(_ activation: ActivationFunction) -> (any Operator)? {
        guard let both = self.activation.then(activation) else { return nil }
        var copy = self
        copy.activation = both
        return copy
    }

    func run(_ call: Invocation) throws(InferenceError) -> [Tensor] {
        let input = try call.floats(0)
        var parts = [[Float]]()
        for position in 1...4 { parts.append(try call.floats(position).values) }
        guard input.shape.count >= 2, let affine = affine(parts), affine.scale.count == input.shape[1] else {
            throw call.mismatch(
                "its input has the shape \(input.shape), and scale, bias, mean and variance have "
                    + "\(parts.map(\.count)) elements")
        }
        let result = try call.output(input.shape, layout: input.layout)
        guard input.count > 0 else { return [result] }
        affine.scale.withUnsafeBufferPointer { scale in
            affine.shift.withUnsafeBufferPointer { shift in
                if let scale = scale.baseAddress, let shift = shift.baseAddress {
                    apply(scale, shift, input, result)
                }
            }
        }
        return [result]
    }

    private func affine(_ parts: [[Float]]) -> ChannelAffine? {
        ChannelAffine.normalization(
            scale: parts[0], bias: parts[1], mean: parts[2], variance: parts[3], epsilon: epsilon)
    }

    private func apply(_ scale: UnsafePointer<Float>, _ shift: UnsafePointer<Float>, _ input: Tensor, _ result: Tensor)
    {
        let channels = input.shape[1]
        let pixels = input.count / input.shape[0] / channels
        let kernel = Kernels.current.scale_shift
        let (from, to) = (input.pointer(Float.self), result.pointer(Float.self))
        if input.layout == .channelsLast || pixels == 1 {
            for start in stride(from: 0, to: input.count, by: channels) {
                kernel(from + start, scale, shift, 1, activation.kernel, to + start, channels)
            }
        } else {
            for plane in 0..<input.count / pixels {
                let (start, channel) = (plane * pixels, plane % channels)
                kernel(from + start, scale + channel, shift + channel, 0, activation.kernel, to + start, pixels)
            }
        }
    }
}
