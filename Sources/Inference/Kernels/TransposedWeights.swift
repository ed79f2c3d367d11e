import CKernels

/// The weights and the bias of a transposed convolution, by input channel, tap and output channel.
struct TransposedWeights: Sendable {
    /// Input channels, output channels of a group, sizes of the window.
    let shape: [Int]
    let groups: Int
    /// One for each output channel.
    let bias: [Float]
    private let storage: Storage

    var taps: Int { shape[2...].reduce(1, *) }
    var channelsInGroup: Int { shape[1] }
    var channels: Int { shape[1] * groups }
    /// Input channels of a group.
    var depth: Int { shape[0] / groups }

    /// Packs weights of `[input channels, output channels of a group, window…]`, with what follows multiplied in.
    init(
        _ weights: Tensor, bias: Tensor?, groups: Int, affine: ChannelAffine?, place: String
    ) throws(InferenceError) {
        shape = weights.shape
        self.groups = groups
        guard (3...5).contains(shape.count), !shape.contains(0), weights.type == .float32, weights.layout == .rowMajor,
            groups > 0, shape[0] % groups == 0, groups <= Shape.elementsMax
        else { throw InferenceError.shape("its weights of shape \(shape) do not fit \(groups) groups", at: place) }
        let channels = try Shape.count([shape[1], groups], place: place)
        guard bias.map({ $0.count == channels && $0.type == .float32 }) ?? true,
            affine.map({ $0.scale.count == channels }) ?? true
        else { throw InferenceError.shape("its bias does not have \(channels) channels", at: place) }
        let given = bias?.values ?? [Float](repeating: 0, count: channels)
        self.bias =
            affine.map { affine in
                zip(given, zip(affine.scale, affine.shift)).map { $0 * $1.0 + $1.1 }
            } ?? given
        storage = Storage(byteCount: weights.count * 4)
        let target = storage.start.assumingMemoryBound(to: Float.self)
        let (inGroup, taps) = (shape[1], weights.shape[2...].reduce(1, *))
        for channel in 0..<shape[0] {
            let start = channel * inGroup * taps
            Kernels.current.transpose(weights.pointer() + start, taps, inGroup, taps, target + start, inGroup)
            guard let affine else { continue }
            let first = channel / (shape[0] / groups) * inGroup
            for index in 0..<inGroup * taps { target[start + index] *= affine.scale[first + index % inGroup] }
        }
    }

    /// For one group a matrix of `depth` rows and `taps * channelsInGroup` columns.
    func matrix(group: Int) -> UnsafePointer<Float> {
        UnsafePointer(
            storage.start.assumingMemoryBound(to: Float.self) + group * depth * taps * channelsInGroup)
    }
}
