/// How a kernel slides over a plane.
struct Window {
    let inputHeight, inputWidth: Int
    let kernelHeight, kernelWidth: Int
    let strides, dilations: [Int]
    let top, left: Int
    let height, width: Int

    init(
        input: (Int, Int), kernel: (Int, Int), strides: [Int], dilations: [Int], padding: Padding, ceil: Bool = false
    ) throws(InferenceError) {
        (inputHeight, inputWidth) = input
        (kernelHeight, kernelWidth) = kernel
        self.strides = strides
        self.dilations = dilations
        let rows = try padding.resolve(
            axis: 0, input: input.0, kernel: kernel.0, stride: strides[0], dilation: dilations[0], ceil: ceil)
        let columns = try padding.resolve(
            axis: 1, input: input.1, kernel: kernel.1, stride: strides[1], dilation: dilations[1], ceil: ceil)
        (top, height) = rows
        (left, width) = columns
    }

    /// Lays out, for each channel and kernel tap, the input under it at every position ("im2col"); outside is zero.
    func gather(_ x: [Float], _ from: Int, channels: Int, into columns: inout [Float]) {
        x.withUnsafeBufferPointer { x in
            columns.withUnsafeMutableBufferPointer { columns in
                var row = 0
                for channel in 0..<channels {
                    let plane = from + channel * inputHeight * inputWidth
                    for tap in 0..<kernelHeight * kernelWidth {
                        let dy = (tap / kernelWidth) * dilations[0] - top
                        let dx = (tap % kernelWidth) * dilations[1] - left
                        gatherRow(x, plane, dy, dx, columns, row * height * width)
                        row += 1
                    }
                }
            }
        }
    }

    private func gatherRow(
        _ x: UnsafeBufferPointer<Float>, _ plane: Int, _ dy: Int, _ dx: Int,
        _ columns: UnsafeMutableBufferPointer<Float>, _ to: Int
    ) {
        for oy in 0..<height {
            let iy = oy * strides[0] + dy
            let target = to + oy * width
            guard iy >= 0, iy < inputHeight else {
                for ox in 0..<width { columns[target + ox] = 0 }
                continue
            }
            let source = plane + iy * inputWidth
            for ox in 0..<width {
                let ix = ox * strides[1] + dx
                columns[target + ox] = ix >= 0 && ix < inputWidth ? x[source + ix] : 0
            }
        }
    }
}

/// What surrounds a plane: given sizes, or as much as an automatic rule asks.
struct Padding: Sendable {
    enum Rule: Sendable {
        case explicit
        case sameUpper
        case sameLower
    }

    let rule: Rule
    let sizes: [Int]

    /// Larger padding than any network has; keeps sums from overflowing.
    private static let sizeMax = 1 << 16

    init(_ node: OnnxNode) {
        switch node.text("auto_pad") {
        case "SAME_UPPER": rule = .sameUpper
        case "SAME_LOWER": rule = .sameLower
        default: rule = .explicit
        }
        sizes = node.integers("pads") ?? [0, 0, 0, 0]
    }

    /// The padding before the plane and the number of positions along one axis.
    func resolve(
        axis: Int, input: Int, kernel: Int, stride: Int, dilation: Int, ceil: Bool
    ) throws(InferenceError) -> (before: Int, positions: Int) {
        let limits = [kernel, stride, dilation] + sizes
        guard sizes.count == 4, limits.allSatisfy({ (0...Self.sizeMax).contains($0) }), kernel > 0, stride > 0 else {
            throw InferenceError(.shapeMismatch, "kernel, stride, dilation or padding out of range: \(limits)")
        }
        let reach = (kernel - 1) * dilation + 1
        guard rule == .explicit else {
            let positions = (input + stride - 1) / stride
            let missing = max((positions - 1) * stride + reach - input, 0)
            return (rule == .sameUpper ? missing / 2 : (missing + 1) / 2, positions)
        }
        let slack = input + sizes[axis] + sizes[axis + 2] - reach
        guard slack >= 0 else {
            throw InferenceError(.shapeMismatch, "a kernel of \(reach) does not fit an input of \(input)")
        }
        return (sizes[axis], (slack + (ceil ? stride - 1 : 0)) / stride + 1)
    }
}
