import COpenBLAS

/// Two-dimensional convolution (ONNX Conv): matrix products by BLAS, depthwise directly.
struct Convolution: Operator {
    let strides: [Int]
    let dilations: [Int]
    let groups: Int
    let padding: Padding
    let label: String
    /// Set when a Relu was fused in.
    var clampsAtZero = false

    init(_ node: OnnxNode) throws(InferenceError) {
        label = node.label
        strides = node.integers("strides") ?? [1, 1]
        dilations = node.integers("dilations") ?? [1, 1]
        groups = node.integer("group", default: 1)
        padding = Padding(node)
        guard strides.count == 2, dilations.count == 2, groups > 0, (strides + dilations).allSatisfy({ $0 > 0 }) else {
            throw InferenceError(.modelCorrupt, "node \(label): only two-dimensional convolutions are read")
        }
    }

    func run(_ inputs: [Tensor]) throws(InferenceError) -> Tensor {
        let x = try inputs.tensor(0, of: "Conv")
        let w = try inputs.tensor(1, of: "Conv")
        let bias = inputs.count > 2 ? inputs[2].values : []
        guard x.shape.count == 4, w.shape.count == 4, x.shape[1] == w.shape[1] * groups, w.shape[0] % groups == 0,
            bias.isEmpty || bias.count == w.shape[0]
        else {
            throw InferenceError(.shapeMismatch, "input \(x.shape) does not fit weights \(w.shape) in \(groups) groups")
        }
        let window = try Window(
            input: (x.shape[2], x.shape[3]), kernel: (w.shape[2], w.shape[3]), strides: strides, dilations: dilations,
            padding: padding)
        var y = try Tensor(shape: [x.shape[0], w.shape[0], window.height, window.width])
        if groups == x.shape[1], w.shape[1] == 1 {
            depthwise(x, w, window, &y)
        } else {
            multiply(x, w, window, &y)
        }
        finish(&y, bias)
        return y
    }

    /// One matrix product per image and group: W[out × in·k] · columns[in·k × positions].
    private func multiply(_ x: Tensor, _ w: Tensor, _ window: Window, _ y: inout Tensor) {
        let (inside, outside) = (w.shape[1], w.shape[0] / groups)
        let depth = inside * window.kernelHeight * window.kernelWidth
        let (plane, positions) = (window.inputHeight * window.inputWidth, window.height * window.width)
        // A 1 × 1 kernel at stride 1 reads the activations as they lie.
        let isPlain = depth == inside && strides == [1, 1] && window.top == 0 && window.left == 0 && plane == positions
        var columns = [Float](repeating: 0, count: isPlain ? 0 : depth * positions)
        for image in 0..<x.shape[0] {
            for group in 0..<groups {
                let from = (image * groups + group) * inside * plane
                if !isPlain { window.gather(x.values, from, channels: inside, into: &columns) }
                let to = (image * groups + group) * outside * positions
                w.values.withUnsafeBufferPointer { weights in
                    (isPlain ? x.values : columns).withUnsafeBufferPointer { source in
                        y.values.withUnsafeMutableBufferPointer { target in
                            guard let a = weights.baseAddress, let b = source.baseAddress, let c = target.baseAddress
                            else { return }
                            cblas_sgemm(
                                CblasRowMajor, CblasNoTrans, CblasNoTrans, Int32(outside), Int32(positions),
                                Int32(depth), 1, a + group * outside * depth, Int32(depth), isPlain ? b + from : b,
                                Int32(positions), 0, c + to, Int32(positions))
                        }
                    }
                }
            }
        }
    }

    /// One channel, one kernel: a matrix product would be starved, so the kernel slides.
    private func depthwise(_ x: Tensor, _ w: Tensor, _ window: Window, _ y: inout Tensor) {
        let perChannel = w.shape[0] / groups
        let (plane, positions) = (window.inputHeight * window.inputWidth, window.height * window.width)
        let taps = window.kernelHeight * window.kernelWidth
        var columns = [Float](repeating: 0, count: taps * positions)
        for image in 0..<x.shape[0] {
            for channel in 0..<groups {
                window.gather(x.values, (image * groups + channel) * plane, channels: 1, into: &columns)
                for copy in 0..<perChannel {
                    let kernel = (channel * perChannel + copy) * taps
                    let to = (image * w.shape[0] + channel * perChannel + copy) * positions
                    for tap in 0..<taps {
                        let weight = w.values[kernel + tap]
                        for position in 0..<positions {
                            y.values[to + position] += weight * columns[tap * positions + position]
                        }
                    }
                }
            }
        }
    }

    /// Bias and Relu in one pass, while the numbers are still in the cache.
    private func finish(_ y: inout Tensor, _ bias: [Float]) {
        guard !bias.isEmpty || clampsAtZero else { return }
        let positions = y.shape[2] * y.shape[3]
        let channels = y.shape[1]
        let floor: Float = clampsAtZero ? 0 : -.infinity
        y.values.withUnsafeMutableBufferPointer { values in
            for plane in 0..<y.shape[0] * channels {
                let shift = bias.isEmpty ? 0 : bias[plane % channels]
                for index in plane * positions..<(plane + 1) * positions {
                    values[index] = max(values[index] + shift, floor)
                }
            }
        }
    }
}
