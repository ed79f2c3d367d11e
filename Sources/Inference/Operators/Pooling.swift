/// The largest or the mean of the numbers under a window (ONNX MaxPool, AveragePool).
struct Pooling: Operator {
    enum Kind: Sendable {
        case maximum
        case average
    }

    let kind: Kind
    let kernel: [Int]
    let strides: [Int]
    let padding: Padding
    let ceil: Bool
    let countsPadding: Bool

    init(_ node: OnnxNode, _ kind: Kind) throws(InferenceError) {
        self.kind = kind
        kernel = node.integers("kernel_shape") ?? []
        strides = node.integers("strides") ?? [1, 1]
        padding = Padding(node)
        ceil = node.integer("ceil_mode", default: 0) != 0
        countsPadding = node.integer("count_include_pad", default: 0) != 0
        guard kernel.count == 2, strides.count == 2 else {
            throw InferenceError(.modelCorrupt, "node \(node.label): only two-dimensional pooling is read")
        }
    }

    func run(_ inputs: [Tensor]) throws(InferenceError) -> Tensor {
        let x = try inputs.tensor(0, of: "pooling")
        guard x.shape.count == 4 else {
            throw InferenceError(.shapeMismatch, "pooling needs N × C × H × W, has \(x.shape)")
        }
        let window = try Window(
            input: (x.shape[2], x.shape[3]), kernel: (kernel[0], kernel[1]), strides: strides, dilations: [1, 1],
            padding: padding, ceil: ceil)
        var y = try Tensor(shape: [x.shape[0], x.shape[1], window.height, window.width])
        var index = 0
        for plane in 0..<x.shape[0] * x.shape[1] {
            for row in 0..<window.height {
                for column in 0..<window.width {
                    y.values[index] = pool(x.values, plane * x.shape[2] * x.shape[3], window, row, column)
                    index += 1
                }
            }
        }
        return y
    }

    private func pool(_ x: [Float], _ plane: Int, _ window: Window, _ row: Int, _ column: Int) -> Float {
        let rows =
            max(
                row * strides[0] - window.top, 0)..<min(
                row * strides[0] - window.top + kernel[0], window.inputHeight)
        let columns =
            max(
                column * strides[1] - window.left, 0)..<min(
                column * strides[1] - window.left + kernel[1], window.inputWidth)
        var (largest, sum) = (-Float.infinity, Float(0))
        for y in rows {
            for x0 in columns {
                let value = x[plane + y * window.inputWidth + x0]
                largest = max(largest, value)
                sum += value
            }
        }
        guard kind == .average else { return largest }
        return sum / Float(max(countsPadding ? kernel[0] * kernel[1] : rows.count * columns.count, 1))
    }
}

/// The mean of each channel (ONNX GlobalAveragePool).
struct GlobalAveragePool: Operator {
    func run(_ inputs: [Tensor]) throws(InferenceError) -> Tensor {
        let x = try inputs.tensor(0, of: "GlobalAveragePool")
        let plane = x.shape.dropFirst(2).reduce(1, *)
        guard x.shape.count == 4, plane > 0 else {
            throw InferenceError(.shapeMismatch, "GlobalAveragePool needs N × C × H × W, has \(x.shape)")
        }
        let means = (0..<x.shape[0] * x.shape[1]).map { channel in
            x.values[channel * plane..<(channel + 1) * plane].reduce(0, +) / Float(plane)
        }
        return try Tensor(shape: [x.shape[0], x.shape[1], 1, 1], values: means)
    }
}
