/// Dropout at inference: the input itself, and a mask of what was kept, which is everything.
struct Dropout: Operator {
    static let types = ["Dropout"]

    static func prepare(_ node: NodeContext) throws(InferenceError) -> any Operator {
        guard try !trains(node) else { throw node.unsupported("it is in training mode") }
        return Dropout()
    }

    /// Whether an input asks it to drop values; one that is not known at load is taken to.
    static func trains(_ node: NodeContext) throws(InferenceError) -> Bool {
        guard node.hasInput(2) else { return false }
        return try node.constant(2).map { $0.values != [0] } ?? true
    }

    var arithmetic: Arithmetic { .anyElement }

    func run(_ call: Invocation) throws(InferenceError) -> [Tensor] {
        let input = try call.input(0)
        let mask = try call.output(call.outputCount > 1 ? input.shape : [0], .bool)
        mask.pointer(Truth.self).initialize(repeating: Truth(true), count: mask.count)
        return [input, mask]
    }
}
