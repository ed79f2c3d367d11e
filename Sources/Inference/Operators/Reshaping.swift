/// Reshape, Flatten, Squeeze and Unsqueeze: the same elements under another shape, without a copy.
struct Reshaping: Operator {
    static let types = ["Reshape", "Flatten", "Squeeze", "Unsqueeze"]

    private let type: String
    /// What an attribute says and newer operator sets have as an input: the shape, or the axes.
    private let given: [Int]?
    private let axis: Int
    private let zeroIsZero: Bool

    static func prepare(_ node: NodeContext) throws(InferenceError) -> any Operator {
        Reshaping(
            type: node.node.type, given: try node.integers(node.node.type == "Reshape" ? "shape" : "axes"),
            axis: try node.integer("axis", default: 1), zeroIsZero: try node.flag("allowzero"))
    }

    var arithmetic: Arithmetic { .anyElement }

    func run(_ call: Invocation) throws(InferenceError) -> [Tensor] {
        let input = try call.rowMajor(0)
        let values = type == "Flatten" ? [] : try call.integers(1, unless: given)
        guard let shape = target(of: input.shape, values, count: input.count),
            try Shape.count(shape, place: call.place) == input.count
        else {
            throw call.mismatch("its input of shape \(input.shape) cannot take the new shape \(values ?? [])")
        }
        return [input.viewed(as: shape)]
    }

    private func target(of shape: [Int], _ values: [Int]?, count: Int) -> [Int]? {
        switch type {
        case "Flatten":
            guard let axis = Shape.axis(axis, rank: shape.count, inclusive: true) else { return nil }
            return [shape[..<axis].reduce(1, *), shape[axis...].reduce(1, *)]
        case "Squeeze":
            guard let values else { return shape.filter { $0 != 1 } }
            guard let axes = Shape.axes(values, rank: shape.count), axes.allSatisfy({ shape[$0] == 1 }) else {
                return nil
            }
            return shape.indices.filter { !axes.contains($0) }.map { shape[$0] }
        case "Unsqueeze":
            guard let values, values.count <= Shape.rankMax,
                let axes = Shape.axes(values, rank: shape.count + values.count)
            else { return nil }
            var rest = shape[...]
            return (0..<shape.count + axes.count).map { axes.contains($0) ? 1 : rest.removeFirst() }
        default:
            return values.flatMap { reshaped($0, shape, count) }
        }
    }

    private func reshaped(_ wanted: [Int], _ shape: [Int], _ count: Int) -> [Int]? {
        guard wanted.count <= Shape.rankMax, wanted.allSatisfy({ $0 >= -1 && $0 <= Shape.elementsMax }),
            wanted.count(where: { $0 == -1 }) <= 1
        else { return nil }
        var target = wanted
        for index in target.indices where target[index] == 0 && !zeroIsZero {
            guard index < shape.count else { return nil }
            target[index] = shape[index]
        }
        guard let open = target.firstIndex(of: -1) else { return target }
        var others = 1
        for dimension in target where dimension != -1 {
            let (product, overflow) = others.multipliedReportingOverflow(by: dimension)
            guard !overflow else { return nil }
            others = product
        }
        guard others > 0, count % others == 0 else { return nil }
        target[open] = count / others
        return target
    }
}
