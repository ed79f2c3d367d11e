/// Shape and Size: the dimensions of a tensor, or the number of its elements.
struct ShapeOf: Operator {
    static let types = ["Shape", "Size"]

    private let isSize: Bool
    private let start: Int
    private let end: Int

    static func prepare(_ node: NodeContext) throws(InferenceError) -> any Operator {
        ShapeOf(
            isSize: node.node.type == "Size", start: try node.integer("start", default: 0),
            end: try node.integer("end", default: Shape.rankMax))
    }

    var arithmetic: Arithmetic { .anyElement }

    func run(_ call: Invocation) throws(InferenceError) -> [Tensor] {
        let input = try call.input(0)
        if isSize { return [try Tensor(shape: [], elements: [Int64(input.count)])] }
        let rank = input.shape.count
        let (first, last) = (bounded(start, rank), bounded(end, rank))
        let dimensions = first < last ? input.shape[first..<last].map(Int64.init) : []
        return [try Tensor(shape: [dimensions.count], elements: dimensions)]
    }

    private func bounded(_ index: Int, _ rank: Int) -> Int {
        index < 0 ? max(index, -rank) + rank : min(index, rank)
    }
}
