/// Merges prepared nodes: functions of one number and additions into the operator that makes their operand.
///
/// A value may only disappear into its maker where nothing else reads it.
struct Fusion {
    private var steps: [PreparedNode?] = []
    private var madeBy: [String: Int] = [:]
    private var readers: [String: Int]

    static func fuse(_ nodes: [PreparedNode], readers: [String: Int]) -> [PreparedNode] {
        var fusion = Fusion(readers: readers)
        for node in nodes { fusion.add(node) }
        return fusion.steps.compactMap(\.self)
    }

    private init(readers: [String: Int]) {
        self.readers = readers
    }

    private mutating func add(_ node: PreparedNode) {
        let node = multipliedByOwnFunction(node) ?? node
        if intoMakerAsFunction(node) || intoMakerAsAddend(node) { return }
        for output in node.writes { madeBy[output] = steps.count }
        steps.append(node)
    }

    /// x · f(x) as one function of x: what exporters write for swish and hard swish.
    private mutating func multipliedByOwnFunction(_ node: PreparedNode) -> PreparedNode? {
        guard node.type == "Mul", node.kernel is Elementwise, node.reads.count == 2 else { return nil }
        for (value, other) in [(node.reads[0], node.reads[1]), (node.reads[1], node.reads[0])] {
            guard readers[value] == 1, let maker = madeBy[value], let made = steps[maker], made.reads == [other],
                let function = (made.kernel as? Activation)?.function.timesArgument
            else { continue }
            steps[maker] = nil
            readers[other, default: 0] -= 1
            var merged = node
            merged.kernel = Activation(function: function)
            merged.reads = [other]
            return merged
        }
        return nil
    }

    private mutating func intoMakerAsFunction(_ node: PreparedNode) -> Bool {
        guard let function = (node.kernel as? Activation)?.function, let input = node.reads.first, readers[input] == 1,
            let maker = madeBy[input], let fused = steps[maker]?.kernel.fusing(function)
        else { return false }
        steps[maker]?.kernel = fused
        replaceOutput(of: maker, by: node)
        return true
    }

    /// a + b where a convolution makes one and the other is there before it: the shortcut of a residual block.
    private mutating func intoMakerAsAddend(_ node: PreparedNode) -> Bool {
        guard node.type == "Add", let sum = node.kernel as? Elementwise, sum.isPlain, node.reads.count == 2 else {
            return false
        }
        for (value, other) in [(node.reads[0], node.reads[1]), (node.reads[1], node.reads[0])] {
            guard readers[value] == 1, value != other, let maker = madeBy[value], madeBy[other] ?? -1 < maker,
                let fused = steps[maker]?.kernel.fusingAddend(), let reads = steps[maker]?.reads
            else { continue }
            steps[maker]?.kernel = fused
            let gap = max(Convolution.addendPosition - reads.count, 0)
            steps[maker]?.reads = reads + [String](repeating: "", count: gap) + [other]
            replaceOutput(of: maker, by: node)
            return true
        }
        return false
    }

    private mutating func replaceOutput(of maker: Int, by node: PreparedNode) {
        steps[maker]?.writes = node.writes
        for output in node.writes { madeBy[output] = maker }
    }
}
