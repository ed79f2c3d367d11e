/// Slice: every n-th element along each axis, forwards or backwards.
struct Slicing: Operator {
    static let types = ["Slice"]

    /// The attributes of operator sets before 10, inputs since.
    private let starts: [Int]?
    private let ends: [Int]?
    private let axes: [Int]?

    static func prepare(_ node: NodeContext) throws(InferenceError) -> any Operator {
        Slicing(
            starts: try node.integers("starts"), ends: try node.integers("ends"), axes: try node.integers("axes"))
    }

    var arithmetic: Arithmetic { .anyElement }

    func run(_ call: Invocation) throws(InferenceError) -> [Tensor] {
        let input = try call.input(0)
        guard let starts = try call.integers(1, unless: starts), let ends = try call.integers(2, unless: ends) else {
            throw call.mismatch("its starts or ends are missing")
        }
        let named = try call.integers(3, unless: axes) ?? Array(starts.indices)
        let steps = try call.integers(4) ?? [Int](repeating: 1, count: starts.count)
        guard let axes = Shape.axes(named, rank: input.shape.count), starts.count == axes.count,
            ends.count == axes.count, steps.count == axes.count, !steps.contains(0), !steps.contains(.min)
        else { throw call.mismatch("its starts, ends, axes and steps do not fit the shape \(input.shape)") }
        var shape = input.shape
        var strides = input.layout.strides(input.shape)
        var offset = 0
        for (index, axis) in axes.enumerated() {
            let (start, count) = Slicing.range(starts[index], ends[index], steps[index], input.shape[axis])
            shape[axis] = count
            offset += start * strides[axis]
            // Steps may be as large as they like; beyond the axis they are never taken.
            strides[axis] *= min(max(steps[index], -Shape.elementsMax), Shape.elementsMax)
        }
        let result = try call.output(shape, input.type, layout: input.layout)
        let order = input.layout.order(rank: shape.count)
        if result.count > 0 {
            StridedCopy(
                shape: order.map { shape[$0] }, strides: order.map { strides[$0] }, elementSize: input.type.size
            ).run(from: input.storage.start + offset * input.type.size, to: result.storage.start)
        }
        return [result]
    }

    /// The first index and how many there are; `start` and `end` may lie anywhere.
    private static func range(_ start: Int, _ end: Int, _ step: Int, _ size: Int) -> (start: Int, count: Int) {
        func bounded(_ value: Int, _ low: Int, _ high: Int) -> Int {
            let counted = value < 0 ? max(value, -size - 1) + size : value
            return min(max(counted, low), high)
        }
        if step > 0 {
            let first = bounded(start, 0, size)
            let length = bounded(end, 0, size) - first
            return (first, length > 0 ? (length - 1) / step + 1 : 0)
        }
        let first = bounded(start, -1, size - 1)
        let length = first - bounded(end, -1, size - 1)
        return (max(first, 0), length > 0 ? (length - 1) / -step + 1 : 0)
    }
}
