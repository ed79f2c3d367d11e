/// A scale and a shift for each channel: what BatchNormalization amounts to at inference.
struct ChannelAffine: Sendable {
    let scale: [Float]
    let shift: [Float]

    /// From a BatchNormalization's scale, bias, mean and variance; nil when they differ in length.
    static func normalization(
        scale: [Float], bias: [Float], mean: [Float], variance: [Float], epsilon: Float
    ) -> ChannelAffine? {
        guard [bias.count, mean.count, variance.count].allSatisfy({ $0 == scale.count }) else { return nil }
        var factors = [Float]()
        var shifts = [Float]()
        for channel in scale.indices {
            let factor = Double(scale[channel]) / (Double(variance[channel]) + Double(epsilon)).squareRoot()
            factors.append(Float(factor))
            shifts.append(Float(Double(bias[channel]) - Double(mean[channel]) * factor))
        }
        return ChannelAffine(scale: factors, shift: shifts)
    }

    /// This one followed by another of as many channels.
    func then(_ next: ChannelAffine) -> ChannelAffine {
        ChannelAffine(
            scale: zip(scale, next.scale).map { $0 * $1 },
            shift: zip(shift, zip(next.scale, next.shift)).map { $0 * $1.0 + $1.1 })
    }
}
