/// Flatten and Reshape: the same elements under another shape.
struct Reshaping: Operator {
    private enum Rule: Sendable {
        case flatten(axis: Int)
        case reshape([Int], zeroIsZero: Bool)
    }

    static let types = ["Flatten", "Reshape"]

    private let rule: Rule
    private let place: String

    static func prepare(_ node: NodeContext) throws(InferenceError) -> PreparedNode {
        let rule: Rule
        if node.node.type == "Flatten" {
            rule = .flatten(axis: try node.integer("axis", default: 1))
        } else {
            let shape = try node.integers(1)
            guard shape.count <= Shape.rankMax, shape.allSatisfy({ $0 >= -1 && $0 <= Shape.elementsMax }),
                shape.count(where: { $0 == -1 }) <= 1
            else { throw node.corrupt("its target shape makes no sense") }
            rule = .reshape(shape, zeroIsZero: try node.integer("allowzero", default: 0) != 0)
        }
        return PreparedNode(kernel: Reshaping(rule: rule, place: node.place), reads: [try node.input(0)])
    }

    func run(_ inputs: [Tensor]) throws(InferenceError) -> [Tensor] {
        let input = inputs[0]
        guard let shape = target(of: input.shape, count: input.values.count),
            try Shape.count(shape, place: place) == input.values.count
        else {
            throw InferenceError.shape("its input of shape \(input.shape) cannot take the new shape", at: place)
        }
        return [Tensor(unchecked: shape, input.values)]
    }

    private func target(of shape: [Int], count: Int) -> [Int]? {
        switch rule {
        case .flatten(let axis):
            guard let axis = Shape.axis(axis, rank: shape.count, inclusive: true) else { return nil }
            return [shape[..<axis].reduce(1, *), shape[axis...].reduce(1, *)]
        case .reshape(let wanted, let zeroIsZero):
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
}
