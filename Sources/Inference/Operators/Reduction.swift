import CKernels

/// ReduceMean, ReduceSum and their kin, and the global poolings: many values along some axes become one.
struct Reduction: Operator {
    private static let rules: [String: ReductionRule] = [
        "ReduceMean": .mean, "ReduceSum": .sum, "ReduceMax": .maximum, "ReduceMin": .minimum,
        "ReduceProd": .product, "ReduceL1": .norm(power: 1), "ReduceL2": .norm(power: 2),
        "ReduceLogSum": .logarithmOfSum, "ReduceLogSumExp": .logarithmOfPowers, "ReduceSumSquare": .squares,
        "GlobalAveragePool": .mean, "GlobalMaxPool": .maximum, "GlobalLpPool": .norm(power: 2),
    ]

    static let types = Array(rules.keys)

    private let rule: ReductionRule
    /// Whether all but batch and channels are meant.
    private let isGlobal: Bool
    /// Nil where an input says them or all are meant.
    private let axes: [Int]?
    private let keepsAxes: Bool
    /// Whether no axes mean that nothing is done.
    private let mayDoNothing: Bool

    static func prepare(_ node: NodeContext) throws(InferenceError) -> any Operator {
        let type = node.node.type
        guard var rule = rules[type] else { throw node.unsupported("it is no reduction") }
        if type == "GlobalLpPool" { rule = .norm(power: Double(try node.integer("p", default: 2))) }
        return Reduction(
            rule: rule, isGlobal: type.hasPrefix("Global"), axes: try node.integers("axes"),
            keepsAxes: try node.flag("keepdims", default: true),
            mayDoNothing: try node.flag("noop_with_empty_axes"))
    }

    var arithmetic: Arithmetic { .numbers }

    func run(_ call: Invocation) throws(InferenceError) -> [Tensor] {
        let input = try call.input(0)
        guard let axes = try axes(of: input, call) else { return [input] }
        let kept = input.shape.indices.map { axes.contains($0) ? 1 : input.shape[$0] }
        let shape = keepsAxes ? kept : input.shape.indices.filter { !axes.contains($0) }.map { input.shape[$0] }
        if isMeanOfPixels(input, axes) { return [try meanOfPixels(input, shape, call)] }
        let source = try call.inRowMajor(input)
        // Truth values are bytes of 0 and 1, and compare as such.
        guard let number = source.type == .bool ? UInt8.self : source.type.number else {
            throw call.mismatch("its input is of type \(source.type)")
        }
        let result = try call.output(shape, source.type)
        if source.type == .float32 {
            try reduce(Float.self, source, axes, result, call)
        } else {
            try reduce(number, source, axes, result, call)
        }
        return [result]
    }

    /// The axes to reduce, from the front; nil where nothing is to be done.
    private func axes(of input: Tensor, _ call: Invocation) throws(InferenceError) -> Set<Int>? {
        let rank = input.shape.count
        if isGlobal {
            guard rank >= 3 else { throw call.mismatch("its input has the shape \(input.shape)") }
            return Set(2..<rank)
        }
        let given = try call.integers(1) ?? axes ?? []
        if given.isEmpty { return mayDoNothing ? nil : Set(0..<rank) }
        guard let axes = Shape.axes(given, rank: rank) else {
            throw call.mismatch("axes \(given) do not fit the shape \(input.shape)")
        }
        return Set(axes)
    }

    private func isMeanOfPixels(_ input: Tensor, _ axes: Set<Int>) -> Bool {
        rule == .mean && input.type == .float32 && input.layout == .channelsLast
            && input.shape.count > 2 && axes == Set(2..<input.shape.count) && input.count > 0
    }

    private func meanOfPixels(_ input: Tensor, _ shape: [Int], _ call: Invocation) throws(InferenceError) -> Tensor {
        // One pixel an image: both orders are the same.
        let result = try call.output(shape)
        let (images, channels) = (input.shape[0], input.shape[1])
        let size = input.count / images
        for image in 0..<images {
            Kernels.current.mean(
                input.pointer() + image * size, size / channels, channels, result.pointer() + image * channels)
        }
        return result
    }

    private func reduce<T: Number>(
        _: T.Type, _ source: Tensor, _ axes: Set<Int>, _ result: Tensor, _ call: Invocation
    ) throws(InferenceError) {
        let order = source.shape.indices.filter { !axes.contains($0) } + axes.sorted()
        let length = axes.reduce(1) { $0 * source.shape[$1] }
        var run = source.pointer(T.self)
        if order != Array(source.shape.indices) {
            // The values that become one are brought side by side.
            run = try call.scratch(T.self, source.count)
            let strides = Layout.rowMajor.strides(source.shape)
            StridedCopy(
                shape: order.map { source.shape[$0] }, strides: order.map { strides[$0] }, elementSize: T.type.size
            ).run(from: source.storage.start, to: run)
        }
        let target = result.pointer(T.self)
        for index in 0..<result.count {
            target[index] = rule.value(run + index * length, length)
            if source.type == .bool { target[index] = T(wrapping: target[index].integer & 1) }
        }
    }
}
