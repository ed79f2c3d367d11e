/// Turns a graph as it stands in a file into a plan: checks it, dissolves and folds nodes, fuses clamps.
struct GraphBuilder {
    private var graph: OnnxGraph
    private var steps: [(node: OnnxNode, prepared: PreparedNode)] = []

    static func build(_ graph: OnnxGraph) throws(InferenceError) -> ExecutionPlan {
        var builder = GraphBuilder(graph: graph)
        try builder.checkOperators()
        try builder.dissolve()
        try builder.checkWiring()
        try BatchNormalizationFolding.fold(&builder.graph)
        try builder.prepare()
        builder.fuseClamps()
        return try ExecutionPlan(graph: builder.graph, steps: builder.steps)
    }

    private init(graph: OnnxGraph) {
        self.graph = graph
    }

    private func checkOperators() throws(InferenceError) {
        for node in graph.nodes {
            let isStandard = node.domain.isEmpty || node.domain == "ai.onnx"
            if isStandard, OperatorTable.supported.contains(node.type) { continue }
            let domain = isStandard ? "" : " of domain \(node.domain.excerpt)"
            throw InferenceError(
                .unsupportedOperator, what: "The model uses an operator that is not supported",
                place: "node \(node.label)",
                cause: "its type is \(node.type.excerpt)\(domain)",
                remedy: "Export the model with these only: \(OperatorTable.supported.joined(separator: ", "))")
        }
    }

    /// Makes Constant nodes constants, and lets the readers of Identity and Dropout read their input instead.
    private mutating func dissolve() throws(InferenceError) {
        var aliases = [String: String]()
        var kept = [OnnxNode]()
        for var node in graph.nodes {
            for index in node.inputs.indices {
                node.inputs[index] = aliases[node.inputs[index]] ?? node.inputs[index]
            }
            let context = NodeContext(node: node, opset: graph.opset, constants: graph.constants)
            guard OperatorTable.dissolved.contains(node.type) else {
                kept.append(node)
                continue
            }
            guard let output = node.outputs.first, !output.isEmpty else { throw context.corrupt("it has no output") }
            if node.type == "Constant" {
                graph.constants[output] = try ConstantNode.value(context)
            } else {
                aliases[output] = try context.input(0)
            }
        }
        for index in graph.outputs.indices {
            graph.outputs[index].name = aliases[graph.outputs[index].name] ?? graph.outputs[index].name
        }
        graph.nodes = kept
    }

    /// Every value must be made once, before it is read, and only first outputs are computed.
    private func checkWiring() throws(InferenceError) {
        var known = Set(graph.constants.keys).union(graph.inputs.map(\.name))
        for node in graph.nodes {
            let context = NodeContext(node: node, opset: graph.opset, constants: [:])
            for input in node.inputs where !input.isEmpty && !known.contains(input) {
                throw context.corrupt("it reads \(input.excerpt), which nothing before it makes")
            }
            guard let output = node.outputs.first, !output.isEmpty else { throw context.corrupt("it has no output") }
            guard known.insert(output).inserted else { throw context.corrupt("\(output.excerpt) is made twice") }
        }
        for output in graph.outputs where !known.contains(output.name) {
            throw InferenceError(
                .modelCorrupt, what: "The model makes no sense", place: "output \(output.name.excerpt)",
                cause: "no node makes it", remedy: "Export the model again")
        }
    }

    private mutating func prepare() throws(InferenceError) {
        for node in graph.nodes {
            let context = NodeContext(node: node, opset: graph.opset, constants: graph.constants)
            guard let family = OperatorTable.family(of: node.type) else {
                throw context.unsupported("no implementation is listed")
            }
            steps.append((node, try family.prepare(context)))
        }
    }

    /// Lets the operator before a Relu or Clip clamp its own result, where nothing else reads that result.
    private mutating func fuseClamps() {
        let readers = graph.readers
        var madeBy = [String: Int]()
        var kept: [(node: OnnxNode, prepared: PreparedNode)] = []
        for var step in steps {
            if let clamp = (step.prepared.kernel as? Activation)?.clamp, let input = step.prepared.reads.first,
                readers[input] == 1, let maker = madeBy[input], let fused = kept[maker].prepared.kernel.fusing(clamp)
            {
                kept[maker].prepared.kernel = fused
                kept[maker].node.outputs = step.node.outputs
                madeBy[step.node.outputs[0]] = maker
                continue
            }
            step.node.outputs = [step.node.outputs[0]]
            madeBy[step.node.outputs[0]] = kept.count
            kept.append(step)
        }
        steps = kept
    }
}
