import Synchronization

/// An ONNX model prepared for inference on one core; runs from several threads at once.
///
/// Each run that goes on at the same time has memory of its own, which is kept for the next run of the same shapes.
public final class Model: Sendable {
    /// Idle memory by the shapes of the inputs it was planned for; the last used at the end.
    private struct Idle {
        var shapes: [[Int]]
        var workspace: Workspace
    }

    /// The most pieces of idle memory that are kept.
    private static let idleMax = 8

    private let plan: ExecutionPlan
    private let idle = Mutex<[Idle]>([])

    /// What the model declares and what was made of it.
    public let summary: ModelSummary

    /// Reads and prepares the bytes of an ONNX file.
    ///
    /// Throws `modelCorrupt` for a damaged file, and `unsupportedOperator`, naming the node, for what is not
    /// implemented.
    public convenience init(onnx bytes: [UInt8]) throws(InferenceError) {
        try self.init(try OnnxGraph.parse(ByteSource(bytes)))
    }

    /// Reads and prepares an ONNX file, with constants in other files of its folder where it has such.
    ///
    /// Throws `modelMissing` when the file cannot be read, and what `init(onnx:)` throws.
    public convenience init(path: String) throws(InferenceError) {
        let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        let isAtRoot = folder.isEmpty && path.hasPrefix("/")
        let source = try ByteSource(path: path)
        try self.init(try OnnxGraph.parse(source, folder: isAtRoot ? "/" : folder.isEmpty ? "." : folder))
    }

    private init(_ graph: OnnxGraph) throws(InferenceError) {
        LinearAlgebra.prepare()
        plan = try GraphBuilder.build(graph)
        summary = ModelSummary(graph, plan)
    }

    /// The operator types that are implemented, sorted.
    public static var supportedOperators: [String] { OperatorTable.supported }

    /// The first input's declared dimensions, outermost first, nil where any size fits; nil when none are declared.
    public var inputShape: [Int?]? { plan.inputs.first?.shape }

    /// Bytes that a run needs and that are kept for the next one, at most of those so far.
    var idleByteCount: Int { idle.withLock { $0.map(\.workspace.arenaByteCount).max() ?? 0 } }

    /// Computes the output of a model with one input and one output; blocks until it is done.
    ///
    /// Throws `shapeMismatch` when the input does not have the declared shape, or does not fit an operator.
    public func run(_ input: Tensor) throws(InferenceError) -> Tensor {
        let outputs = try run([input])
        guard outputs.count == 1 else {
            throw InferenceError(
                .invalidArgument, what: "The model has no single output", place: "its graph",
                cause: "it has \(outputs.count) outputs", remedy: "Call run with a list of inputs")
        }
        return outputs[0]
    }

    /// Computes all outputs, in the order they are declared, from the inputs in theirs; blocks until it is done.
    ///
    /// Throws `shapeMismatch` when an input does not have the declared shape or type, or does not fit an operator.
    public func run(_ inputs: [Tensor]) throws(InferenceError) -> [Tensor] {
        try run(inputs, observer: nil)
    }

    /// Computes the outputs once and says what each node cost.
    ///
    /// Throws what `run` throws.
    public func profile(_ inputs: [Tensor]) throws(InferenceError) -> ModelProfile {
        var profile = ModelProfile()
        _ = try run(inputs) { node, time, outputs in profile.add(node, time, outputs) }
        return profile
    }

    private func run(
        _ inputs: [Tensor], observer: ((PreparedNode, Duration, [Tensor]) -> Void)?
    ) throws(InferenceError) -> [Tensor] {
        try InputCheck.check(inputs, plan.inputs)
        let shapes = inputs.map(\.shape)
        let workspace = takeWorkspace(for: shapes)
        workspace.begin()
        let outputs = try plan.run(inputs, workspace, observer: observer)
        // A run that failed leaves its workspace behind: its plan would be of half a run.
        workspace.finish()
        putBack(Idle(shapes: shapes, workspace: workspace))
        return outputs
    }

    private func takeWorkspace(for shapes: [[Int]]) -> Workspace {
        idle.withLock { idle in
            guard let index = idle.lastIndex(where: { $0.shapes == shapes }) else { return Workspace() }
            return idle.remove(at: index).workspace
        }
    }

    private func putBack(_ workspace: Idle) {
        idle.withLock { idle in
            idle.append(workspace)
            if idle.count > Model.idleMax { idle.removeFirst() }
        }
    }
}
