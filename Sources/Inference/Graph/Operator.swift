/// One kind of computation, with its attributes read and checked when the model was loaded.
protocol Operator: Sendable {
    /// Computes the output.
    /// - Throws: `InferenceError` (`shapeMismatch`) if the inputs do not fit.
    func run(_ inputs: [Tensor]) throws(InferenceError) -> Tensor
}

/// The operators that are implemented, by their ONNX names.
///
/// A new family is a new file and its lines here.
enum OperatorLibrary {
    typealias Maker = @Sendable (OnnxNode) throws(InferenceError) -> any Operator

    static let makers: [String: Maker] = [
        "Conv": { node throws(InferenceError) in try Convolution(node) },
        "BatchNormalization": { node throws(InferenceError) in BatchNormalization(node) },
        "Relu": { node throws(InferenceError) in Activation.relu },
        "Clip": { node throws(InferenceError) in Clip(node) },
        "Sigmoid": { node throws(InferenceError) in Activation.sigmoid },
        "Softmax": { node throws(InferenceError) in Softmax(node) },
        "Add": { node throws(InferenceError) in Elementwise.add },
        "Mul": { node throws(InferenceError) in Elementwise.multiply },
        "MaxPool": { node throws(InferenceError) in try Pooling(node, .maximum) },
        "AveragePool": { node throws(InferenceError) in try Pooling(node, .average) },
        "GlobalAveragePool": { node throws(InferenceError) in GlobalAveragePool() },
        "Gemm": { node throws(InferenceError) in Gemm(node) },
        "MatMul": { node throws(InferenceError) in MatMul() },
        "Flatten": { node throws(InferenceError) in Flatten(node) },
        "Reshape": { node throws(InferenceError) in Reshape() },
        "Concat": { node throws(InferenceError) in Concat(node) },
        "Identity": { node throws(InferenceError) in Identity() },
        "Dropout": { node throws(InferenceError) in Identity() },
    ]

    static var names: [String] { (makers.keys + ["Constant"]).sorted() }

    static func make(_ node: OnnxNode) throws(InferenceError) -> any Operator {
        guard let maker = makers[node.type] else {
            throw InferenceError(
                .unsupportedOperator,
                "node \(node.label) is not supported; supported are \(names.joined(separator: ", "))")
        }
        return try maker(node)
    }
}

extension [Tensor] {
    /// The input at a position.
    func tensor(_ index: Int, of name: String) throws(InferenceError) -> Tensor {
        guard indices.contains(index) else {
            throw InferenceError(.shapeMismatch, "\(name) needs at least \(index + 1) inputs, has \(count)")
        }
        return self[index]
    }
}
