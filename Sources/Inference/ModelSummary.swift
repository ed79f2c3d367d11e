/// What a model file declares, and what preparing it made of its graph.
public struct ModelSummary: Sendable {
    /// An input or output.
    public struct Value: Sendable {
        /// Its name in the file.
        public let name: String
        /// What its elements are; nil when that is not declared.
        public let type: ElementType?
        /// Its dimensions, outermost first, nil where any size fits; nil as a whole when none are declared.
        public let shape: [Int?]?
    }

    /// Version of the operator set.
    public let opset: Int
    /// What wrote the file, as it says itself; may be empty.
    public let producer: String
    /// The inputs, in the order `run` takes them.
    public let inputs: [Value]
    /// The outputs, in the order `run` answers them.
    public let outputs: [Value]
    /// How often each operator type occurs in the file.
    public let operators: [String: Int]
    /// Numbers among the constants of the file: the weights.
    public let parameters: Int
    /// How many nodes are left to run after folding and fusing.
    public let preparedNodes: Int

    init(_ graph: OnnxGraph, _ plan: ExecutionPlan) {
        opset = graph.opset
        producer = graph.producer
        inputs = plan.inputs.map { Value(name: $0.name, type: $0.type, shape: $0.shape) }
        outputs = plan.outputs.map { Value(name: $0.name, type: $0.type, shape: $0.shape) }
        operators = graph.nodes.reduce(into: [:]) { $0[$1.type, default: 0] += 1 }
        parameters = graph.constants.values.reduce(0) { $0 + ($1.type.isFloating ? $1.count : 0) }
        preparedNodes = plan.nodes.count
    }
}
