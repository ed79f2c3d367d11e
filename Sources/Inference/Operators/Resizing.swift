/// Resize and Upsample: nearest, linear and cubic, one axis after the other.
struct Resizing: Operator {
    static let types = ["Resize", "Upsample"]

    private let rule: ResizingRule
    private let isUpsample: Bool
    /// Where the inputs are: they moved with operator set 11.
    private let scalesPosition: Int
    private let attributeScales: [Float]?
    private let axes: [Int]?
    private let policy: String

    static func prepare(_ node: NodeContext) throws(InferenceError) -> any Operator {
        let isUpsample = node.node.type == "Upsample"
        let policy = try node.string("keep_aspect_ratio_policy", default: "stretch")
        guard ["stretch", "not_larger", "not_smaller"].contains(policy) else {
            throw node.unsupported("its policy is \(policy.excerpt)")
        }
        return Resizing(
            rule: try ResizingRule(node), isUpsample: isUpsample,
            scalesPosition: isUpsample || node.opset < 11 ? 1 : 2, attributeScales: try node.floats("scales"),
            axes: try node.integers("axes"), policy: policy)
    }

    func run(_ call: Invocation) throws(InferenceError) -> [Tensor] {
        let input = try call.floats(0)
        let rank = input.shape.count
        guard let axes = Shape.axes(axes ?? Array(0..<rank), rank: rank) else {
            throw call.mismatch("its axes do not fit the shape \(input.shape)")
        }
        let (sizes, scales) = try target(axes.map { input.shape[$0] }, call)
        var shape = input.shape
        for (axis, size) in zip(axes, sizes) { shape[axis] = size }
        let count = try Shape.count(shape, place: call.place)
        guard count > 0, input.count > 0 else { return [try call.output(shape)] }
        let regions = rule.crops ? call.optional(1)?.elements(as: Double.self) ?? [] : []
        guard !rule.crops || regions.count == 2 * axes.count else {
            throw call.mismatch("its region has \(regions.count) numbers")
        }
        var current = input
        let order = input.layout.order(rank: rank)
        for axis in order.reversed() {
            guard let index = axes.firstIndex(of: axis), scales[index] != 1 || rule.crops else { continue }
            let region = rule.crops ? (regions[index], regions[index + axes.count]) : (0, 1)
            let taps = rule.taps(input.shape[axis], shape[axis], scale: scales[index], region: region)
            try WorkLimit.check([current.count, taps.perPosition, shape[axis]], at: call.place)
            current = try resized(current, axis, taps, call)
        }
        return [current]
    }

    /// The size of each axis and how much larger it becomes.
    private func target(_ sizes: [Int], _ call: Invocation) throws(InferenceError) -> (sizes: [Int], scales: [Double]) {
        let given = call.optional(scalesPosition)?.elements(as: Double.self) ?? attributeScales?.map(Double.init)
        if let given, !given.isEmpty {
            guard given.count == sizes.count, given.allSatisfy({ $0 > 0 && $0 < 1e6 }) else {
                throw call.mismatch("its scales \(given) do not fit")
            }
            return (zip(sizes, given).map { Int((Double($0) * $1).rounded(.down)) }, given)
        }
        guard let wanted = try call.integers(3), wanted.count == sizes.count,
            wanted.allSatisfy({ $0 >= 0 && $0 <= Shape.elementsMax }), !sizes.contains(0)
        else { throw call.mismatch("its scales and sizes are missing or do not fit") }
        let scales = zip(wanted, sizes).map { Double($0) / Double($1) }
        guard policy != "stretch" else { return (wanted, scales) }
        let scale = (policy == "not_larger" ? scales.min() : scales.max()) ?? 1
        let rounded = sizes.map { Int((Double($0) * scale + 0.5).rounded(.down)) }
        return (rounded, sizes.map { _ in scale })
    }

    private func resized(
        _ input: Tensor, _ axis: Int, _ taps: ResizingTaps, _ call: Invocation
    ) throws(InferenceError) -> Tensor {
        var shape = input.shape
        shape[axis] = taps.positions
        let result = try call.output(shape, layout: input.layout)
        let order = input.layout.order(rank: shape.count)
        let place = order.firstIndex(of: axis) ?? 0
        let inner = order[(place + 1)...].reduce(1) { $0 * shape[$1] }
        let outer = order[..<place].reduce(1) { $0 * shape[$1] }
        let (from, to) = (input.pointer(Float.self), result.pointer(Float.self))
        for start in 0..<outer {
            let lines = from + start * input.shape[axis] * inner
            for position in 0..<taps.positions {
                taps.apply(position, lines, inner, to + (start * taps.positions + position) * inner)
            }
        }
        return result
    }
}
