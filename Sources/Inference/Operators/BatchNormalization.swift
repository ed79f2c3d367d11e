/// BatchNormalization that no Conv could take in: a scale and a shift for each channel.
struct BatchNormalization: Operator {
    static let types = ["BatchNormalization"]

    private let affine: ChannelAffine
    private let place: String
    private var clamp = Clamp.none

    static func prepare(_ node: NodeContext) throws(InferenceError) -> PreparedNode {
        let kernel = BatchNormalization(affine: try ChannelAffine.batchNormalization(node), place: node.place)
        return PreparedNode(kernel: kernel, reads: [try node.input(0)])
    }

    private init(affine: ChannelAffine, place: String) {
        self.affine = affine
        self.place = place
    }

    func fusing(_ clamp: Clamp) -> (any Operator)? {
        var copy = self
        copy.clamp = self.clamp.then(clamp)
        return copy
    }

    func run(_ inputs: [Tensor]) throws(InferenceError) -> [Tensor] {
        let input = inputs[0]
        let channels = affine.scale.count
        guard input.shape.count >= 2, input.shape[1] == channels else {
            throw InferenceError.shape("its input has the shape \(input.shape), not \(channels) channels", at: place)
        }
        guard !input.values.isEmpty else { return [input] }
        let plane = input.values.count / (input.shape[0] * channels)
        var values = input.values
        values.withUnsafeMutableBufferPointer { values in
            for index in 0..<input.shape[0] * channels {
                let (scale, shift) = (affine.scale[index % channels], affine.shift[index % channels])
                for position in index * plane..<(index + 1) * plane {
                    values[position] = clamp.apply(values[position] * scale + shift)
                }
            }
        }
        return [Tensor(unchecked: input.shape, values)]
    }
}
