#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Sigmoid: 1 / (1 + exp(-x)) of every element.
struct Sigmoid: Operator {
    static let types = ["Sigmoid"]

    static func prepare(_ node: NodeContext) throws(InferenceError) -> PreparedNode {
        PreparedNode(kernel: Sigmoid(), reads: [try node.input(0)])
    }

    func run(_ inputs: [Tensor]) throws(InferenceError) -> [Tensor] {
        [Tensor(unchecked: inputs[0].shape, inputs[0].values.map { 1 / (1 + expf(-$0)) })]
    }
}
