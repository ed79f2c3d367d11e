import COpenBLAS

/// A neural network loaded from an ONNX file and made ready to run.
///
/// Running it computes on the calling thread alone: callers run it on threads of their own, one image each, which on a
/// CPU is faster than one image on many threads.
public struct Model: Sendable {
    private let graph: PreparedGraph

    /// The ONNX operators that are implemented, sorted.
    public static var supportedOperators: [String] { OperatorLibrary.names }

    /// The CPU kernels that OpenBLAS picked for this machine, such as `SkylakeX`; worth printing beside every timing.
    public static var openBLASCore: String {
        String(cString: openblas_get_corename())
    }

    /// Loads a model.
    /// - Parameter onnx: The bytes of an ONNX file with one input and at least one output.
    /// - Throws: `InferenceError`: `modelCorrupt`, or `unsupportedOperator` naming the node.
    public init(onnx: [UInt8]) throws(InferenceError) {
        _ = Self.oneThread
        graph = try PreparedGraph(try OnnxGraph(model: onnx[...]))
    }

    /// Runs the model.
    /// - Parameter input: For pictures N × C × H × W.
    /// - Returns: The first output.
    /// - Throws: `InferenceError` (`shapeMismatch`, naming the node) if the input does not fit.
    public func run(_ input: Tensor) throws(InferenceError) -> Tensor {
        try graph.run(input)
    }

    /// OpenBLAS's own threads wait actively and are shared by all callers; one per caller is faster and starves nobody.
    private static let oneThread: Void = openblas_set_num_threads(1)
}
