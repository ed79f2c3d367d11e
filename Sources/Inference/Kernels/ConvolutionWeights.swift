import CKernels
import Synchronization

/// The weights and the bias of a convolution in the order the kernels read them.
final class ConvolutionWeights: Sendable {
    /// Output channels, input channels of a group, sizes of the window.
    let shape: [Int]
    let groups: Int
    /// Panels by plane of the window (the outermost of three spatial dimensions), group, and output channels of it.
    private let panels: Storage
    private let biases: Storage
    /// Made when first needed: four times the size, and only some sizes of input gain from them.
    private let winograd = Mutex<Storage?>(nil)

    /// Window sizes by dimension: outermost (1 unless there are three), height (1 unless there are two), width.
    var kernel: [Int] { Shape.padded(Array(shape[2...]), to: 3) }
    var channels: Int { shape[0] }
    var depth: Int { shape[1] }
    var taps: Int { kernel[1] * kernel[2] }
    var channelsInGroup: Int { channels / groups }
    /// Output channels of a group rounded up to whole panels.
    var paddedInGroup: Int { ConvolutionWeights.padded(channelsInGroup) }
    /// Whether every channel is for itself, so that weights lie by tap and channel instead of in panels.
    var isDepthwise: Bool { ConvolutionWeights.isDepthwise(shape, groups) }

    /// Packs weights of `[channels, depth, window…]`, with what follows the convolution multiplied in.
    init(
        _ weights: Tensor, bias: Tensor?, groups: Int, affine: ChannelAffine?, place: String
    ) throws(InferenceError) {
        let shape = weights.shape
        guard (3...5).contains(shape.count), !shape.contains(0), weights.type == .float32, weights.layout == .rowMajor
        else { throw InferenceError.shape("its weights have the shape \(shape)", at: place) }
        guard groups > 0, shape[0] % groups == 0 else {
            throw InferenceError.shape("\(shape[0]) channels do not divide into \(groups) groups", at: place)
        }
        guard bias.map({ $0.count == shape[0] && $0.type == .float32 }) ?? true,
            affine.map({ $0.scale.count == shape[0] }) ?? true
        else { throw InferenceError.shape("its bias does not have \(shape[0]) channels", at: place) }
        self.shape = shape
        self.groups = groups
        let scale = affine?.scale ?? [Float](repeating: 1, count: shape[0])
        var biases = bias?.values ?? [Float](repeating: 0, count: shape[0])
        if let affine {
            for channel in biases.indices {
                biases[channel] = biases[channel] * affine.scale[channel] + affine.shift[channel]
            }
        }
        if ConvolutionWeights.isDepthwise(shape, groups) {
            panels = Storage(byteCount: weights.count * 4)
            Kernels.current.transpose(
                weights.pointer(), weights.count / shape[0], shape[0], weights.count / shape[0],
                panels.start.assumingMemoryBound(to: Float.self), shape[0])
            ConvolutionWeights.multiply(panels, weights.count, by: scale)
        } else {
            panels = ConvolutionWeights.pack(weights, groups, scale)
        }
        // Channels that are each for themselves have their biases side by side.
        self.biases = ConvolutionWeights.pack(biases, ConvolutionWeights.isDepthwise(shape, groups) ? 1 : groups)
    }

    static func isDepthwise(_ shape: [Int], _ groups: Int) -> Bool {
        shape[1] == 1 && groups == shape[0] && groups > 1 && shape.count < 5
    }

    static func padded(_ channels: Int) -> Int {
        let panel = Kernels.current.panel
        return (channels + panel - 1) / panel * panel
    }

    /// The panels of one group for one plane of the window.
    func panels(plane: Int = 0, group: Int = 0) -> UnsafePointer<Float> {
        let start = panels.start.assumingMemoryBound(to: Float.self)
        return UnsafePointer(start + (plane * groups + group) * paddedInGroup * taps * depth)
    }

    /// The biases of one group, zeros up to whole panels.
    func bias(group: Int = 0) -> UnsafePointer<Float> {
        UnsafePointer(biases.start.assumingMemoryBound(to: Float.self) + group * paddedInGroup)
    }

    /// The panels in the Winograd domain; for windows of 3 x 3 and one group.
    func winogradPanels() -> Storage {
        winograd.withLock { made in
            if let made { return made }
            let storage = Storage(byteCount: 36 * paddedInGroup * depth * 4)
            ck_pack_winograd(
                panels(), paddedInGroup, depth, Kernels.current.panel,
                storage.start.assumingMemoryBound(to: Float.self))
            made = storage
            return storage
        }
    }

    private static func pack(_ weights: Tensor, _ groups: Int, _ scale: [Float]) -> Storage {
        let shape = weights.shape
        let kernel = Shape.padded(Array(shape[2...]), to: 3)
        let (depth, taps, volume) = (shape[1], kernel[1] * kernel[2], kernel.reduce(1, *))
        let inGroup = shape[0] / groups
        let panel = Kernels.current.panel
        let storage = Storage(byteCount: kernel[0] * groups * padded(inGroup) * taps * depth * 4)
        var target = storage.start.assumingMemoryBound(to: Float.self)
        let source: UnsafeMutablePointer<Float> = weights.pointer()
        scale.withUnsafeBufferPointer { scale in
            guard let scale = scale.baseAddress else { return }
            for plane in 0..<kernel[0] {
                for group in 0..<groups {
                    for first in stride(from: 0, to: inGroup, by: panel) {
                        let channel = group * inGroup + first
                        ck_pack_panel(
                            source + channel * depth * volume + plane * taps, scale + channel,
                            min(panel, inGroup - first), taps, depth, depth * volume, volume, 1, panel, target)
                        target += panel * taps * depth
                    }
                }
            }
        }
        return storage
    }

    private static func pack(_ bias: [Float], _ groups: Int) -> Storage {
        let inGroup = bias.count / groups
        let size = padded(inGroup)
        let storage = Storage(byteCount: groups * size * 4)
        let target = storage.start.assumingMemoryBound(to: Float.self)
        target.initialize(repeating: 0, count: groups * size)
        for channel in bias.indices { target[channel / inGroup * size + channel % inGroup] = bias[channel] }
        return storage
    }

    /// Depthwise weights lie by tap and channel: every row times the scales.
    private static func multiply(_ storage: Storage, _ count: Int, by scale: [Float]) {
        let values = storage.start.assumingMemoryBound(to: Float.self)
        for index in 0..<count { values[index] *= scale[index % scale.count] }
    }
}
