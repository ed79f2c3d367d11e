/// One operator of a prepared graph: attributes read, constants taken in, ready to run from several threads at once.
///
/// A family of operators is one type in one file; `OperatorTable` lists them.
protocol Operator: Sendable {
    /// The ONNX operator types the family implements.
    static var types: [String] { get }

    /// Reads a node; throws `unsupportedOperator` for a form that is not implemented, `modelCorrupt` for nonsense.
    static func prepare(_ node: NodeContext) throws(InferenceError) -> any Operator

    /// What the elements of its operands may be; others are converted before and after.
    var arithmetic: Arithmetic { get }

    /// The inputs, by position, that were taken in at load and are not read when it runs.
    var absorbed: Set<Int> { get }

    /// Computes the outputs from the inputs of one call.
    func run(_ call: Invocation) throws(InferenceError) -> [Tensor]

    /// The same operator applying a function to its result as it writes it; nil when it has no such epilogue.
    func fusing(_ activation: ActivationFunction) -> (any Operator)?

    /// The same operator adding one more input, at position `Convolution.addendPosition`, to its result; nil when it
    /// cannot.
    func fusingAddend() -> (any Operator)?
}

extension Operator {
    var arithmetic: Arithmetic { .float32 }
    var absorbed: Set<Int> { [] }
    func fusing(_ activation: ActivationFunction) -> (any Operator)? { nil }
    func fusingAddend() -> (any Operator)? { nil }
}
