/// Computes at load what does not depend on the input, and dissolves nodes that only pass a value on.
enum ConstantFolding {
    /// The most bytes that may be computed in advance: a short file must not make a process vast.
    static let bytesMax = 1 << 30

    static func fold(_ graph: inout OnnxGraph) throws(InferenceError) {
        var aliases = [String: String]()
        var kept = [OnnxNode]()
        var bytes = 0
        for var node in graph.nodes {
            for index in node.inputs.indices {
                node.inputs[index] = aliases[node.inputs[index]] ?? node.inputs[index]
            }
            let context = NodeContext(node: node, opset: graph.opset, constants: graph.constants)
            if let source = try passedOn(context) {
                aliases[node.outputs[0]] = source
            } else if node.type == "Constant" {
                graph.constants[node.outputs[0]] = try ConstantNode.value(context)
            } else if let tensors = try values(context, bytes) {
                for (name, tensor) in zip(node.outputs, tensors) where !name.isEmpty {
                    bytes += tensor.count * tensor.type.size
                    graph.constants[name] = OnnxTensor(
                        name: name, shape: tensor.shape, type: tensor.type, content: .tensor(tensor))
                }
            } else {
                kept.append(node)
            }
        }
        graph.nodes = kept
        for index in graph.outputs.indices {
            let name = graph.outputs[index].name
            graph.outputs[index].source = aliases[name] ?? name
        }
    }

    /// The input that a node hands on unchanged, if that is all it does.
    private static func passedOn(_ node: NodeContext) throws(InferenceError) -> String? {
        switch node.node.type {
        case "Identity": return try node.input(0)
        case "Dropout" where !node.hasOutput(1):
            return try Dropout.trains(node) ? nil : try node.input(0)
        default: return nil
        }
    }

    /// The outputs of a node whose inputs are all known; nil when they are not, or would be too large.
    private static func values(_ node: NodeContext, _ spent: Int) throws(InferenceError) -> [Tensor]? {
        var inputs = [Tensor?]()
        for position in node.node.inputs.indices {
            guard !node.hasInput(position) || node.isConstant(position) else { return nil }
        }
        for position in node.node.inputs.indices { inputs.append(try node.constant(position)) }
        guard let family = OperatorTable.family(of: node.node.type) else { return nil }
        let kernel = try family.prepare(node)
        // What an operator took in at load it does not read again.
        for position in kernel.absorbed where position < inputs.count { inputs[position] = nil }
        let outputs = try Invocation.perform(
            kernel, inputs, outputCount: node.node.outputs.count, place: node.place, workspace: nil)
        let bytes = outputs.reduce(spent) { $0 + $1.count * $1.type.size }
        guard bytes <= bytesMax else {
            throw node.unsupported("it and other nodes make more than \(bytesMax) bytes of constants")
        }
        return outputs.map { $0.inRowMajor() }
    }
}
