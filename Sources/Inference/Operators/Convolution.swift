/// Conv in two dimensions: grouped, dilated, padded; bias and clamp are written in the same pass.
struct Convolution: Operator {
    static let types = ["Conv"]

    private let weights: Tensor
    private let bias: [Float]
    private let groups: Int
    private let window: Window
    private let place: String
    private var clamp = Clamp.none

    static func prepare(_ node: NodeContext) throws(InferenceError) -> PreparedNode {
        PreparedNode(kernel: try Convolution(node), reads: [try node.input(0)])
    }

    private init(_ node: NodeContext) throws(InferenceError) {
        guard let weights = try node.floats(1) else { throw node.corrupt("it has no weights") }
        guard weights.shape.count == 4, !weights.shape.contains(0) else {
            throw node.unsupported("its weights have the shape \(weights.shape), not four dimensions")
        }
        let channels = weights.shape[0]
        let bias = try node.floats(2)?.values ?? [Float](repeating: 0, count: channels)
        let groups = try node.integer("group", default: 1)
        guard bias.count == channels else { throw node.corrupt("\(bias.count) biases for \(channels) channels") }
        guard groups > 0, channels % groups == 0 else {
            throw node.corrupt("\(channels) channels do not divide into \(groups) groups")
        }
        self.weights = weights
        self.bias = bias
        self.groups = groups
        window = try Window(node, kernel: Array(weights.shape[2...]))
        place = node.place
    }

    func fusing(_ clamp: Clamp) -> (any Operator)? {
        var copy = self
        copy.clamp = self.clamp.then(clamp)
        return copy
    }

    func run(_ inputs: [Tensor]) throws(InferenceError) -> [Tensor] {
        let input = inputs[0]
        guard input.shape.count == 4, input.shape[1] == weights.shape[1] * groups else {
            throw InferenceError.shape(
                "its input has the shape \(input.shape) and \(weights.shape[1] * groups) channels are needed",
                at: place)
        }
        let (y, x) = try window.axes(over: Array(input.shape[2...]))
        let shape = [input.shape[0], weights.shape[0], y.output, x.output]
        let count = try Shape.count(shape, place: place)
        try WorkLimit.check([count] + weights.shape[1...], at: place)
        let geometry = ConvolutionGeometry(
            batch: shape[0], channelsIn: weights.shape[1], channelsOut: weights.shape[0] / groups, groups: groups,
            y: y, x: x)
        // One row of the unfolded input has to fit: the row is the least that is unfolded at once.
        _ = try Shape.count([geometry.taps, x.output], place: place)
        let values = [Float](unsafeUninitializedCapacity: count) { output, initialized in
            if let start = output.baseAddress, count > 0 { compute(geometry, input, start) }
            initialized = count
        }
        return [Tensor(unchecked: shape, values)]
    }

    private func compute(_ geometry: ConvolutionGeometry, _ input: Tensor, _ output: UnsafeMutablePointer<Float>) {
        input.values.withUnsafeBufferPointer { input in
            weights.values.withUnsafeBufferPointer { weights in
                guard let input = input.baseAddress, let weights = weights.baseAddress else {
                    output.update(repeating: 0, count: geometry.outputCount)
                    return
                }
                if geometry.isDepthwise {
                    DepthwiseConvolution.run(geometry, input, weights, output)
                } else if geometry.isPointwise {
                    PointwiseConvolution.run(geometry, input, weights, output)
                } else {
                    UnfoldedConvolution.run(geometry, input, weights, output)
                }
            }
        }
        finish(geometry, output)
    }

    private func finish(_ geometry: ConvolutionGeometry, _ output: UnsafeMutablePointer<Float>) {
        let plane = geometry.planeOut
        for index in 0..<geometry.batch * bias.count {
            let start = output + index * plane
            let bias = bias[index % bias.count]
            for position in 0..<plane {
                start[position] = clamp.apply(start[position] + bias)
            }
        }
    }
}
