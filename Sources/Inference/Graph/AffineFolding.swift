/// Lets a convolution take over the scale and shift of the nodes after it, where nothing else reads between them:
/// BatchNormalization, and Mul, Div, Add and Sub with one constant for each channel.
enum AffineFolding {
    static func fold(_ graph: inout OnnxGraph) throws(InferenceError) {
        let readers = graph.readers
        var madeBy = [String: Int]()
        var kept = [OnnxNode]()
        for node in graph.nodes {
            let context = NodeContext(node: node, opset: graph.opset, constants: graph.constants)
            if let maker = maker(of: node, readers, madeBy, kept, graph.constants),
                let affine = try affine(context, after: kept[maker])
            {
                kept[maker].affine = kept[maker].affine?.then(affine) ?? affine
                kept[maker].outputs = [node.outputs[0]]
                madeBy[node.outputs[0]] = maker
                continue
            }
            for output in node.outputs { madeBy[output] = kept.count }
            kept.append(node)
        }
        graph.nodes = kept
    }

    /// The convolution with constant weights whose result only this node reads.
    private static func maker(
        of node: OnnxNode, _ readers: [String: Int], _ madeBy: [String: Int], _ kept: [OnnxNode],
        _ constants: [String: OnnxTensor]
    ) -> Int? {
        for input in node.inputs where readers[input] == 1 {
            guard let maker = madeBy[input] else { continue }
            let inputs = kept[maker].inputs
            guard kept[maker].type == "Conv" || kept[maker].type == "ConvTranspose", inputs.count >= 2 else { continue }
            if inputs.dropFirst().allSatisfy({ $0.isEmpty || constants[$0] != nil }) { return maker }
        }
        return nil
    }

    private static func affine(_ node: NodeContext, after maker: OnnxNode) throws(InferenceError) -> ChannelAffine? {
        guard let weights = node.constants[maker.inputs[1]], weights.shape.count > 2, node.node.outputs.count == 1
        else { return nil }
        var channels = weights.shape[0]
        if maker.type == "ConvTranspose" {
            let groups = try NodeContext(node: maker, opset: node.opset, constants: [:]).integer("group", default: 1)
            guard groups > 0, groups <= Shape.elementsMax else { return nil }
            channels = weights.shape[1] * groups
        }
        if node.node.type == "BatchNormalization" { return try BatchNormalization.constantAffine(node, channels) }
        guard ["Mul", "Div", "Add", "Sub"].contains(node.node.type), node.node.inputs.count == 2, node.opset >= 7,
            let position = node.isConstant(1) ? 1 : node.isConstant(0) ? 0 : nil,
            let constant = try node.constant(position), constant.type == .float32,
            let values = perChannel(constant, channels, rank: weights.shape.count)
        else { return nil }
        let ones = [Float](repeating: 1, count: channels)
        let zeros = [Float](repeating: 0, count: channels)
        switch (node.node.type, position) {
        case ("Mul", _): return ChannelAffine(scale: values, shift: zeros)
        case ("Div", 1): return ChannelAffine(scale: values.map { 1 / $0 }, shift: zeros)
        case ("Add", _): return ChannelAffine(scale: ones, shift: values)
        case ("Sub", 1): return ChannelAffine(scale: ones, shift: values.map { -$0 })
        case ("Sub", _): return ChannelAffine(scale: ones.map { -$0 }, shift: values)
        default: return nil
        }
    }

    /// One value for each channel of a result of `rank` dimensions, if the constant is that: C x 1 x 1, or one number.
    private static func perChannel(_ constant: Tensor, _ channels: Int, rank: Int) -> [Float]? {
        let shape = constant.shape
        if constant.count == 1, shape.count <= rank {
            return [Float](repeating: constant.values[0], count: channels)
        }
        let column = [channels] + [Int](repeating: 1, count: rank - 2)
        return shape == column || shape == [1] + column ? constant.values : nil
    }
}
