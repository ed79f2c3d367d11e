import CKernels

/// A convolution of a batch: chooses the kernel and hands it one image, group and plane after another.
struct ConvolutionImages {
    /// Three axes, outermost first.
    let axes: [WindowAxis]
    let weights: ConvolutionWeights
    let output: Tensor
    let addend: Tensor?
    let activation: ck_activation

    /// Computes the output from an input of as many channels as the weights need.
    func run(_ input: Tensor, _ call: Invocation) throws(InferenceError) {
        if weights.isDepthwise {
            try depthwise(try call.inChannelsLast(input), call)
        } else if isNarrow {
            try narrow(input, call)
        } else if gainsFromWinograd {
            try winograd(try call.inChannelsLast(input), call)
        } else {
            try direct(try call.inChannelsLast(input), call)
        }
    }

    private static let floatsAtOnce = 1 << 16
    /// With fewer tiles of 4 x 4 the weights, four times as many, cost more to read than the products saved: measured
    /// on 14 x 14 pixels of 256 channels, 2 % of a ResNet-50 for 47 MiB.
    private static let winogradTilesMin = 32
    /// Products of input and output channels; each takes 36 numbers.
    private static let winogradWeightsMax = 1 << 18

    private var images: Int { output.shape[0] }
    private var isFlat: Bool { axes[0].output == 1 && axes[0].kernel == 1 && axes[0].input == 1 }

    /// Few input channels, such as a picture's three: a row of the window is one run of values in memory.
    private var isNarrow: Bool {
        isFlat && weights.groups == 1 && weights.depth <= 4 && axes[2].kernel > 1 && axes[2].dilation == 1
    }

    private var gainsFromWinograd: Bool {
        guard isFlat, weights.groups == 1, weights.depth >= 16, weights.channels >= 16 else { return false }
        let fits = axes[1...].allSatisfy { $0.kernel == 3 && $0.stride == 1 && $0.dilation == 1 }
        let isSmall = weights.depth * weights.channels <= ConvolutionImages.winogradWeightsMax
        return fits && isSmall && winogradTiles >= ConvolutionImages.winogradTilesMin
    }

    /// Tiles of 4 x 4 output pixels in an image.
    private var winogradTiles: Int { (axes[1].output + 3) / 4 * ((axes[2].output + 3) / 4) }

    private func direct(_ input: Tensor, _ call: Invocation) throws(InferenceError) {
        var kernel = ck_convolution()
        kernel.window = ck_window(axes[1], axes[2])
        kernel.input_stride = weights.depth * weights.groups
        kernel.output_stride = weights.channels
        kernel.depth = weights.depth
        kernel.channels = weights.channelsInGroup
        kernel.padding = UnsafePointer(try zeros(max(weights.depth, weights.paddedInGroup), call))
        try divide(&kernel, call)
        let planeIn = axes[1].input * axes[2].input * kernel.input_stride
        let planeOut = axes[1].output * axes[2].output * kernel.output_stride
        let added = addend?.pointer(Float.self)
        for image in 0..<images {
            for plane in 0..<axes[0].output {
                for group in 0..<weights.groups {
                    let to = (image * axes[0].output + plane) * planeOut + group * weights.channelsInGroup
                    kernel.output = output.pointer(Float.self) + to
                    kernel.addend = added.map { UnsafePointer($0 + to) }
                    let from = input.pointer(Float.self) + image * axes[0].input * planeIn + group * weights.depth
                    planes(kernel, from, planeIn, plane, group)
                }
            }
        }
    }

    /// One plane of the output: the sum over the planes of the window that fall inside the input.
    private func planes(
        _ kernel: ck_convolution, _ input: UnsafeMutablePointer<Float>, _ size: Int, _ plane: Int, _ group: Int
    ) {
        var kernel = kernel
        var taps = (0..<axes[0].kernel).filter { (0..<axes[0].input).contains(axes[0].index(plane, tap: $0)) }
        if taps.isEmpty {
            // All of the window lies in the padding: what is left is the bias.
            kernel.window.input_height = 0
            taps = [0]
        }
        for tap in taps {
            let inside = kernel.window.input_height > 0
            kernel.input = UnsafePointer(input + (inside ? axes[0].index(plane, tap: tap) * size : 0))
            kernel.panels = weights.panels(plane: tap, group: group)
            kernel.bias = tap == taps[0] ? weights.bias(group: group) : kernel.padding
            if tap != taps[0] { kernel.addend = UnsafePointer(kernel.output) }
            kernel.activation = tap == taps[taps.count - 1] ? activation : ActivationFunction.identity.kernel
            Kernels.current.convolve(&kernel)
        }
    }

    /// As many pixels at once as leave their inputs in the second-level cache beside a panel of weights.
    private func divide(_ kernel: inout ck_convolution, _ call: Invocation) throws(InferenceError) {
        let seen = kernel.depth * kernel.window.stride_y * kernel.window.stride_x
        let tile = Int(CK_TILE_MAX)
        let tiles = min(max(ConvolutionImages.floatsAtOnce / seen / tile, 1), 64)
        kernel.pixels_at_once = min(tiles, (kernel.window.pixels + tile - 1) / tile) * tile
        kernel.pointers = try call.scratch(UnsafePointer<Float>?.self, kernel.window.taps * kernel.pixels_at_once)
    }

    private func narrow(_ input: Tensor, _ call: Invocation) throws(InferenceError) {
        let image = try PaddedImage(axes[1], axes[2], channels: weights.depth, call)
        var kernel = ck_convolution()
        kernel.window = image.window
        kernel.input = UnsafePointer(image.start)
        kernel.input_stride = weights.depth
        kernel.output_stride = weights.channels
        kernel.depth = weights.depth * axes[2].kernel
        kernel.channels = weights.channels
        kernel.panels = weights.panels()
        kernel.bias = weights.bias()
        kernel.padding = UnsafePointer(image.start)
        try divide(&kernel, call)
        kernel.activation = activation
        let size = output.count / images
        for index in 0..<images {
            image.fill(from: input, image: index)
            kernel.output = output.pointer() + index * size
            kernel.addend = addend.map { UnsafePointer($0.pointer() + index * size) }
            Kernels.current.convolve(&kernel)
        }
    }

    private func winograd(_ input: Tensor, _ call: Invocation) throws(InferenceError) {
        let panels = weights.winogradPanels()
        var kernel = ck_winograd()
        kernel.window = ck_window(axes[1], axes[2])
        kernel.panels = UnsafePointer(panels.start.assumingMemoryBound(to: Float.self))
        kernel.bias = weights.bias()
        kernel.depth = weights.depth
        kernel.channels = weights.channels
        let passes = (winogradTiles + 63) / 64
        kernel.tiles_at_once = (winogradTiles + passes - 1) / passes
        kernel.scratch = try call.scratch(
            Float.self, 36 * kernel.tiles_at_once * (weights.depth + weights.paddedInGroup))
        kernel.activation = activation
        let (sizeIn, sizeOut) = (input.count / images, output.count / images)
        for image in 0..<images {
            kernel.input = UnsafePointer(input.pointer() + image * sizeIn)
            kernel.output = output.pointer() + image * sizeOut
            kernel.addend = addend.map { UnsafePointer($0.pointer() + image * sizeOut) }
            withExtendedLifetime(panels) { Kernels.current.winograd(&kernel) }
        }
    }

    private func depthwise(_ input: Tensor, _ call: Invocation) throws(InferenceError) {
        var kernel = ck_filter()
        kernel.window = ck_window(axes[1], axes[2])
        kernel.padding = UnsafePointer(try zeros(weights.channels, call))
        kernel.weights = weights.panels()
        kernel.bias = weights.bias()
        kernel.channels = weights.channels
        kernel.activation = activation
        kernel.pointers = try call.scratch(UnsafePointer<Float>?.self, weights.taps * Int(CK_TILE_MAX))
        for image in 0..<images {
            kernel.input = UnsafePointer(input.pointer() + image * (input.count / images))
            kernel.output = output.pointer() + image * (output.count / images)
            Kernels.current.depthwise(&kernel)
        }
    }

    private func zeros(_ count: Int, _ call: Invocation) throws(InferenceError) -> UnsafeMutablePointer<Float> {
        let zeros = try call.scratch(Float.self, count)
        zeros.initialize(repeating: 0, count: count)
        return zeros
    }
}
