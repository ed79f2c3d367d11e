extension OnnxGraph {
    /// How many times each value is read by nodes or is an output of the graph.
    var readers: [String: Int] {
        var count = [String: Int]()
        for node in nodes {
            for input in node.inputs { count[input, default: 0] += 1 }
        }
        for output in outputs { count[output.name, default: 0] += 1 }
        return count
    }
}
