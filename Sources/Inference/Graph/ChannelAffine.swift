/// A scale and a shift for each channel: what BatchNormalization amounts to at inference.
struct ChannelAffine: Sendable {
    let scale: [Float]
    let shift: [Float]

    static func batchNormalization(_ node: NodeContext) throws(InferenceError) -> ChannelAffine {
        guard try node.integer("training_mode", default: 0) == 0 else {
            throw node.unsupported("it is in training mode")
        }
        var parts = [[Float]]()
        for position in 1...4 {
            guard let part = try node.floats(position) else { throw node.corrupt("input \(position) is missing") }
            guard part.shape.count == 1, part.values.count == parts.first?.count ?? part.values.count else {
                throw node.corrupt("scale, bias, mean and variance differ in length")
            }
            parts.append(part.values)
        }
        let epsilon = try node.float("epsilon", default: 1e-5)
        var scale = [Float]()
        var shift = [Float]()
        for channel in parts[0].indices {
            let factor = Double(parts[0][channel]) / (Double(parts[3][channel]) + Double(epsilon)).squareRoot()
            scale.append(Float(factor))
            shift.append(Float(Double(parts[1][channel]) - Double(parts[2][channel]) * factor))
        }
        return ChannelAffine(scale: scale, shift: shift)
    }
}
