/// Transpose: the axes in another order.
struct Transposition: Operator {
    static let types = ["Transpose"]

    private let permutation: [Int]?

    static func prepare(_ node: NodeContext) throws(InferenceError) -> any Operator {
        Transposition(permutation: try node.integers("perm"))
    }

    var arithmetic: Arithmetic { .anyElement }

    func run(_ call: Invocation) throws(InferenceError) -> [Tensor] {
        let input = try call.input(0)
        let rank = input.shape.count
        let order = permutation ?? Array((0..<rank).reversed())
        guard order.sorted() == Array(0..<rank) else {
            throw call.mismatch("the order \(order) does not fit the shape \(input.shape)")
        }
        let strides = input.layout.strides(input.shape)
        let result = try call.output(order.map { input.shape[$0] }, input.type)
        StridedCopy(
            shape: result.shape, strides: order.map { strides[$0] }, elementSize: input.type.size
        ).run(from: input.storage.start, to: result.storage.start)
        return [result]
    }
}
