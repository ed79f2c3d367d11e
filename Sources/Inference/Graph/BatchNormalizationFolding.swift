/// Multiplies a BatchNormalization into the weights of the Conv before it, where nothing else reads the Conv.
enum BatchNormalizationFolding {
    static func fold(_ graph: inout OnnxGraph) throws(InferenceError) {
        let readers = graph.readers
        var madeBy = [String: Int]()
        var kept = [OnnxNode]()
        for node in graph.nodes {
            if node.type == "BatchNormalization", let input = node.inputs.first, readers[input] == 1,
                let maker = madeBy[input], kept[maker].type == "Conv"
            {
                let context = NodeContext(node: node, opset: graph.opset, constants: graph.constants)
                let affine = try ChannelAffine.batchNormalization(context)
                if let folded = fold(affine, into: kept[maker], named: node.outputs[0], &graph.constants) {
                    kept[maker] = folded
                    madeBy[node.outputs[0]] = maker
                    continue
                }
            }
            madeBy[node.outputs[0]] = kept.count
            kept.append(node)
        }
        graph.nodes = kept
    }

    /// The Conv with new constants of its own (others may share the old ones); nil when they do not fit.
    private static func fold(
        _ affine: ChannelAffine, into conv: OnnxNode, named output: String, _ constants: inout [String: OnnxTensor]
    ) -> OnnxNode? {
        guard conv.inputs.count >= 2, let weights = constants[conv.inputs[1]]?.tensor,
            let channels = weights.shape.first, channels == affine.scale.count, channels > 0
        else { return nil }
        var bias = [Float](repeating: 0, count: channels)
        if conv.inputs.count > 2, !conv.inputs[2].isEmpty {
            guard let given = constants[conv.inputs[2]]?.tensor, given.values.count == channels else { return nil }
            bias = given.values
        }
        let size = weights.values.count / channels
        var values = weights.values
        for channel in 0..<channels {
            for index in channel * size..<(channel + 1) * size {
                values[index] *= affine.scale[channel]
            }
            bias[channel] = bias[channel] * affine.scale[channel] + affine.shift[channel]
        }
        var folded = conv
        folded.inputs = [conv.inputs[0], "\(output)/folded-weight", "\(output)/folded-bias"]
        folded.outputs = [output]
        constants[folded.inputs[1]] = OnnxTensor(shape: weights.shape, elements: .floats(values))
        constants[folded.inputs[2]] = OnnxTensor(shape: [channels], elements: .floats(bias))
        return folded
    }
}
