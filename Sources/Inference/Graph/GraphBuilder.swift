/// Turns a graph as it stands in a file into a plan: checks it, folds, fuses and drops nodes.
enum GraphBuilder {
    static func build(_ graph: OnnxGraph) throws(InferenceError) -> ExecutionPlan {
        var graph = graph
        try Wiring.check(graph)
        try ConstantFolding.fold(&graph)
        dropDead(&graph)
        try AffineFolding.fold(&graph)
        var nodes = [PreparedNode]()
        for node in graph.nodes {
            let context = NodeContext(node: node, opset: graph.opset, constants: graph.constants)
            guard let family = OperatorTable.family(of: node.type) else {
                throw context.unsupported("no implementation is listed")
            }
            nodes.append(PreparedNode(node, try family.prepare(context)))
        }
        return try ExecutionPlan(graph, Fusion.fuse(nodes, readers: graph.readers))
    }

    /// Drops nodes that no output depends on.
    private static func dropDead(_ graph: inout OnnxGraph) {
        var wanted = Set(graph.outputs.map(\.source))
        var kept = [OnnxNode]()
        for var node in graph.nodes.reversed() where node.outputs.contains(where: wanted.contains) {
            // An output nobody reads need not be made.
            node.outputs = node.outputs.map { wanted.contains($0) ? $0 : "" }
            while node.outputs.last == "" { node.outputs.removeLast() }
            wanted.formUnion(node.inputs.filter { !$0.isEmpty })
            kept.append(node)
        }
        graph.nodes = kept.reversed()
    }
}
