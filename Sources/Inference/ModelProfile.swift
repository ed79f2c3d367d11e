/// What each node of a model cost in one run.
public struct ModelProfile: Sendable {
    /// One node that ran; others were folded into it or into constants.
    public struct Node: Sendable {
        /// Its name in the file, or its output's where it has none.
        public let name: String
        /// Its ONNX operator type.
        public let type: String
        /// The shape of its first output.
        public let shape: [Int]
        /// How long it ran.
        public let milliseconds: Double
    }

    /// The nodes in the order they ran.
    public private(set) var nodes: [Node] = []

    /// The sum over all nodes.
    public var milliseconds: Double { nodes.reduce(0) { $0 + $1.milliseconds } }

    mutating func add(_ node: PreparedNode, _ time: Duration, _ outputs: [Tensor]) {
        nodes.append(
            Node(
                name: node.name, type: node.type, shape: outputs.first?.shape ?? [],
                milliseconds: time / .milliseconds(1)))
    }
}
