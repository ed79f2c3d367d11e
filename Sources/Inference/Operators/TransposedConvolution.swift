import CKernels

/// ConvTranspose in one to three dimensions: a matrix product for each input pixel, added onto the output pixels under
/// its window.
struct TransposedConvolution: Operator {
    static let types = ["ConvTranspose"]
    /// Input pixels whose products are computed at once.
    private static let pixelsAtOnce = 64

    private let window: Window
    private let groups: Int
    private let outputPadding: [Int]?
    private let outputShape: [Int]?
    /// Packed at load; nil when the weights are computed when the model runs.
    private let weights: TransposedWeights?
    private var activation = ActivationFunction.identity

    static func prepare(_ node: NodeContext) throws(InferenceError) -> any Operator {
        let sizes = [try node.integers("output_padding"), try node.integers("output_shape")]
        guard sizes.allSatisfy({ $0?.allSatisfy { $0 >= 0 && $0 <= Window.valueMax } ?? true }) else {
            throw node.corrupt("its output_padding or output_shape makes no sense")
        }
        let groups = try node.integer("group", default: 1)
        var weights: TransposedWeights?
        if let tensor = try node.constant(1), !node.hasInput(2) || node.isConstant(2) {
            weights = try TransposedWeights(
                tensor.converted(to: .float32), bias: try node.constant(2)?.converted(to: .float32), groups: groups,
                affine: node.node.affine, place: node.place)
        }
        return TransposedConvolution(
            window: try Window(node), groups: groups, outputPadding: sizes[0], outputShape: sizes[1],
            weights: weights)
    }

    private init(
        window: Window, groups: Int, outputPadding: [Int]?, outputShape: [Int]?, weights: TransposedWeights?
    ) {
        self.window = window
        self.groups = groups
        self.outputPadding = outputPadding
        self.outputShape = outputShape
        self.weights = weights
    }

    var absorbed: Set<Int> { weights == nil ? [] : [1, 2] }

    func fusing(_ activation: ActivationFunction) -> (any Operator)? {
        guard let both = self.activation.then(activation) else { return nil }
        var copy = self
        copy.activation = both
        return copy
    }

    func run(_ call: Invocation) throws(InferenceError) -> [Tensor] {
        let input = try call.channelsLast(0)
        let weights = try packed(call)
        let shape = weights.shape
        guard input.shape.count == shape.count, input.shape[1] == shape[0] else {
            throw call.mismatch("its input of shape \(input.shape) and its weights of shape \(shape) do not fit")
        }
        let axes = try axes(Array(shape[2...]), Array(input.shape[2...]), call)
        let output = try call.output([input.shape[0], weights.channels] + axes.map(\.input), layout: .channelsLast)
        try WorkLimit.check([max(input.count, 1), weights.taps, weights.channelsInGroup], at: call.place)
        let target = output.pointer(Float.self)
        weights.bias.withUnsafeBufferPointer { bias in
            guard let bias = bias.baseAddress else { return }
            for pixel in stride(from: 0, to: output.count, by: weights.channels) {
                (target + pixel).update(from: bias, count: weights.channels)
            }
        }
        guard output.count > 0, input.count > 0 else { return [output] }
        try scatter(input, weights, axes, output, call)
        if !activation.isIdentity { activation.apply(target, target, count: output.count) }
        return [output]
    }

    private func packed(_ call: Invocation) throws(InferenceError) -> TransposedWeights {
        if let weights { return weights }
        return try TransposedWeights(
            try call.rowMajor(1), bias: call.optional(2), groups: groups, affine: nil, place: call.place)
    }

    /// The window of the convolution that this one transposes: over the output, with as many places as input pixels.
    private func axes(
        _ kernel: [Int], _ size: [Int], _ call: Invocation
    ) throws(InferenceError) -> [WindowAxis] {
        let rank = kernel.count
        let given = try window.transposed(rank: rank, call)
        guard outputPadding?.count ?? rank == rank, outputShape.map({ $0.count >= rank }) ?? true else {
            throw call.mismatch("its attributes are not for \(rank) dimensions")
        }
        var axes = [WindowAxis]()
        for index in 0..<rank {
            let extra = outputPadding?[index] ?? 0
            let reach = (kernel[index] - 1) * given.dilations[index] + 1
            let whole = max(size[index] - 1, 0) * given.strides[index] + extra + reach
            var before = given.pads?[index] ?? 0
            var length = whole - before - (given.pads?[index + rank] ?? 0)
            if outputShape != nil || given.isSame {
                // The padding follows from the wanted size; an odd pixel goes to one end.
                length = outputShape.map { $0[$0.count - rank + index] } ?? size[index] * given.strides[index]
                let total = max(whole - length, 0)
                before = given.moreAtEnd ? total / 2 : total - total / 2
            }
            guard length >= 0 else { throw call.mismatch("its padding leaves nothing of its output") }
            axes.append(
                WindowAxis(
                    kernel: kernel[index], stride: given.strides[index], dilation: given.dilations[index],
                    padding: before, paddingAfter: 0, input: length, output: size[index]))
        }
        return axes
    }

    private func scatter(
        _ input: Tensor, _ weights: TransposedWeights, _ axes: [WindowAxis], _ output: Tensor, _ call: Invocation
    ) throws(InferenceError) {
        let columns = weights.taps * weights.channelsInGroup
        let (images, depthOfAll) = (input.shape[0], input.shape[1])
        let pixels = input.count / images / depthOfAll
        let rows = min(TransposedConvolution.pixelsAtOnce, pixels)
        let products = try call.scratch(Float.self, rows * columns)
        let offsets = TapOffsets(axes)
        for image in 0..<images {
            let from = input.pointer(Float.self) + image * pixels * depthOfAll
            let to = output.pointer(Float.self) + image * (output.count / images)
            for first in stride(from: 0, to: pixels, by: rows) {
                let count = min(rows, pixels - first)
                let places = (first..<first + count).map { offsets.places($0) }
                for group in 0..<groups {
                    LinearAlgebra.multiply(
                        .init(start: from + first * depthOfAll + group * weights.depth, stride: depthOfAll),
                        .init(start: weights.matrix(group: group), stride: columns),
                        into: products, stride: columns, rows: count, columns: columns, inner: weights.depth)
                    let target = to + group * weights.channelsInGroup
                    for (row, places) in places.enumerated() {
                        add(products + row * columns, to: target, places, weights)
                    }
                }
            }
        }
    }

    /// Adds the products of one input pixel onto the output pixels that its taps see.
    private func add(
        _ products: UnsafeMutablePointer<Float>, to target: UnsafeMutablePointer<Float>, _ places: [Int],
        _ weights: TransposedWeights
    ) {
        let count = weights.channelsInGroup
        for (tap, place) in places.enumerated() where place >= 0 {
            let pixel = target + place * weights.channels
            Kernels.current.combine(CK_ADD, pixel, 1, products + tap * count, 1, pixel, count)
        }
    }
}
