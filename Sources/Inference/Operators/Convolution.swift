import CKernels

/// Conv in one to three dimensions: grouped, dilated, padded; bias, an addend and a function are applied as it writes.
///
/// It runs on images with the channels innermost.
struct Convolution: Operator {
    static let types = ["Conv"]
    /// Where the input is that is added to the result, as residual blocks do.
    static let addendPosition = 3

    private let window: Window
    private let groups: Int
    /// Packed at load; nil when the weights are computed when the model runs.
    private let weights: ConvolutionWeights?
    private var activation = ActivationFunction.identity
    private var addsOperand = false

    static func prepare(_ node: NodeContext) throws(InferenceError) -> any Operator {
        var weights: ConvolutionWeights?
        let groups = try node.integer("group", default: 1)
        if let tensor = try node.constant(1), !node.hasInput(2) || node.isConstant(2) {
            weights = try ConvolutionWeights(
                tensor.converted(to: .float32), bias: try node.constant(2)?.converted(to: .float32), groups: groups,
                affine: node.node.affine, place: node.place)
        }
        return Convolution(window: try Window(node), groups: groups, weights: weights)
    }

    private init(window: Window, groups: Int, weights: ConvolutionWeights?) {
        self.window = window
        self.groups = groups
        self.weights = weights
    }

    var absorbed: Set<Int> { weights == nil ? [] : [1, 2] }

    func fusing(_ activation: ActivationFunction) -> (any Operator)? {
        guard let both = self.activation.then(activation) else { return nil }
        var copy = self
        copy.activation = both
        return copy
    }

    func fusingAddend() -> (any Operator)? {
        guard let weights, !weights.isDepthwise, activation.isIdentity, !addsOperand else { return nil }
        var copy = self
        copy.addsOperand = true
        return copy
    }

    func run(_ call: Invocation) throws(InferenceError) -> [Tensor] {
        let input = try call.floats(0)
        let weights = try packed(call)
        let rank = weights.shape.count
        guard input.shape.count == rank, input.shape[1] == weights.depth * groups else {
            throw call.mismatch(
                "its input has the shape \(input.shape) and \(weights.depth * groups) channels are needed")
        }
        let given = try window.axes(kernel: Array(weights.shape[2...]), over: Array(input.shape[2...]), call)
        let axes = [WindowAxis](repeating: .single, count: 5 - rank) + given
        let output = try call.output(
            [input.shape[0], weights.channels] + given.map(\.output), layout: .channelsLast)
        try WorkLimit.check([output.count] + weights.shape[1...], at: call.place)
        let pixels = output.count / weights.channels
        try WorkLimit.check([pixels] + weights.shape[2...], at: call.place, most: WorkLimit.lookupsMax)
        guard output.count > 0 else { return [output] }
        let addend = addsOperand ? try call.input(Convolution.addendPosition) : nil
        let fits = addend.map { $0.shape == output.shape && $0.type == .float32 } ?? true
        let images = ConvolutionImages(
            axes: axes, weights: weights, output: output, addend: fits ? try addend.map(call.inChannelsLast) : nil,
            activation: fits ? activation.kernel : ActivationFunction.identity.kernel)
        try images.run(input, call)
        guard let addend, !fits else { return [output] }
        let sum = try Elementwise.add(output, addend, call)
        activation.apply(sum.pointer(), sum.pointer(), count: sum.count)
        return [sum]
    }

    private func packed(_ call: Invocation) throws(InferenceError) -> ConvolutionWeights {
        if let weights { return weights }
        return try ConvolutionWeights(
            try call.rowMajor(1), bias: call.optional(2), groups: groups, affine: nil, place: call.place)
    }
}
