/// One operator of a prepared graph: attributes read, constants folded, ready to run from several threads at once.
///
/// A family of operators is one type in one file; `OperatorTable` lists them.
protocol Operator: Sendable {
    /// The ONNX operator types the family implements.
    static var types: [String] { get }

    /// Reads a node; throws `unsupportedOperator` for a form that is not implemented, `modelCorrupt` for nonsense.
    static func prepare(_ node: NodeContext) throws(InferenceError) -> PreparedNode

    /// Computes the outputs from the inputs that `PreparedNode.reads` names, in that order.
    func run(_ inputs: [Tensor]) throws(InferenceError) -> [Tensor]

    /// The same operator clamping its result as it writes it; nil when it has no such epilogue.
    func fusing(_ clamp: Clamp) -> (any Operator)?
}

extension Operator {
    func fusing(_ clamp: Clamp) -> (any Operator)? { nil }
}
