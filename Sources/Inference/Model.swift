/// An ONNX model prepared for inference on one core; runs from several threads at once.
public final class Model: Sendable {
    private let plan: ExecutionPlan

    /// Reads and prepares the bytes of an ONNX file.
    ///
    /// Throws `modelCorrupt` for a damaged file, and `unsupportedOperator`, naming the node, for what is not
    /// implemented.
    public init(onnx bytes: [UInt8]) throws(InferenceError) {
        LinearAlgebra.prepare()
        plan = try GraphBuilder.build(try OnnxGraph.parse(bytes))
    }

    /// The operator types that are implemented, sorted.
    public static var supportedOperators: [String] { OperatorTable.supported }

    /// The input's declared dimensions, outermost first, nil where any size fits; nil when none are declared.
    public var inputShape: [Int?]? { plan.input.shape }

    /// Computes the model's output for one input; blocks until it is done.
    ///
    /// Throws `shapeMismatch` when the input does not have the declared shape, or does not fit an operator.
    public func run(_ input: Tensor) throws(InferenceError) -> Tensor {
        if let declared = plan.input.shape {
            let fits =
                declared.count == input.shape.count
                && zip(declared, input.shape).allSatisfy { $0 == nil || $0 == $1 }
            guard fits else {
                let text = declared.map { $0.map(String.init) ?? "any" }.joined(separator: " x ")
                throw InferenceError.shape(
                    "its shape is \(input.shape) and the model declares \(text)",
                    at: "input \(plan.input.name.excerpt)")
            }
        }
        return try plan.run(input)
    }
}
