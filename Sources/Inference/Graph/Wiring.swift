/// Checks that a graph can be computed in the order it is written, by operators that are implemented.
enum Wiring {
    static func check(_ graph: OnnxGraph) throws(InferenceError) {
        for node in graph.nodes { try checkOperator(node) }
        var known = Set(graph.constants.keys).union(graph.inputs.map(\.name))
        for node in graph.nodes {
            let context = NodeContext(node: node, opset: graph.opset, constants: [:])
            for input in node.inputs where !input.isEmpty && !known.contains(input) {
                throw context.corrupt("it reads \(input.excerpt), which nothing before it makes")
            }
            guard let output = node.outputs.first, !output.isEmpty else { throw context.corrupt("it has no output") }
            for output in node.outputs where !output.isEmpty {
                guard known.insert(output).inserted else { throw context.corrupt("\(output.excerpt) is made twice") }
            }
        }
        for output in graph.outputs where !known.contains(output.name) {
            throw InferenceError(
                .modelCorrupt, what: "The model makes no sense", place: "output \(output.name.excerpt)",
                cause: "no node makes it", remedy: "Export the model again")
        }
    }

    private static func checkOperator(_ node: OnnxNode) throws(InferenceError) {
        let isStandard = node.domain.isEmpty || node.domain == "ai.onnx"
        if isStandard, OperatorTable.supported.contains(node.type) { return }
        let domain = isStandard ? "" : " of domain \(node.domain.excerpt)"
        throw InferenceError(
            .unsupportedOperator, what: "The model uses an operator that is not supported",
            place: "node \(node.label)", cause: "its type is \(node.type.excerpt)\(domain)",
            remedy: "Export the model with these only: \(OperatorTable.supported.joined(separator: ", "))")
    }
}
