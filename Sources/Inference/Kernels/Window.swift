/// A two-dimensional sliding window as a node's attributes describe it: height first, then width.
struct Window: Sendable {
    private enum AutomaticPadding: String {
        case notSet = "NOTSET"
        case valid = "VALID"
        case sameUpper = "SAME_UPPER"
        case sameLower = "SAME_LOWER"
    }

    /// The most any attribute may say; products of two then stay far from overflow.
    private static let valueMax = 1 << 20

    let kernel: [Int]
    let strides: [Int]
    let dilations: [Int]
    let pads: [Int]
    private let automatic: AutomaticPadding
    private let roundsUp: Bool
    private let place: String

    /// Reads the attributes; `kernel` is the weights' own size where there are weights.
    init(_ node: NodeContext, kernel given: [Int]? = nil) throws(InferenceError) {
        let kernel = try node.integers("kernel_shape") ?? given ?? []
        guard kernel.count == 2 else { throw node.unsupported("its window has \(kernel.count) dimensions, not 2") }
        self.kernel = try Window.values(kernel, "kernel_shape", least: 1, count: 2, node)
        strides = try Window.values(try node.integers("strides") ?? [1, 1], "strides", least: 1, count: 2, node)
        dilations = try Window.values(try node.integers("dilations") ?? [1, 1], "dilations", least: 1, count: 2, node)
        pads = try Window.values(try node.integers("pads") ?? [0, 0, 0, 0], "pads", least: 0, count: 4, node)
        guard given == nil || given == kernel else { throw node.corrupt("kernel_shape is not the weights' size") }
        let name = try node.string("auto_pad", default: "NOTSET")
        guard let automatic = AutomaticPadding(rawValue: name) else {
            throw node.corrupt("auto_pad is \(name.excerpt)")
        }
        self.automatic = automatic
        roundsUp = try node.integer("ceil_mode", default: 0) != 0
        place = node.place
    }

    /// The window laid over an input of `size` (height and width); throws when it does not fit.
    func axes(over size: [Int]) throws(InferenceError) -> (y: WindowAxis, x: WindowAxis) {
        (try axis(0, length: size[0]), try axis(1, length: size[1]))
    }

    private func axis(_ index: Int, length: Int) throws(InferenceError) -> WindowAxis {
        let (stride, dilation) = (strides[index], dilations[index])
        let reach = (kernel[index] - 1) * dilation + 1
        var (before, after) = (pads[index], pads[index + 2])
        if automatic == .valid { (before, after) = (0, 0) }
        var output = 0
        if automatic == .sameUpper || automatic == .sameLower {
            output = (length + stride - 1) / stride
            let total = max((output - 1) * stride + reach - length, 0)
            before = automatic == .sameUpper ? total / 2 : total - total / 2
            after = total - before
        } else {
            let room = length + before + after - reach
            guard room >= 0 else {
                throw InferenceError.shape("its window of \(reach) does not fit \(length) padded pixels", at: place)
            }
            output = (roundsUp ? room + stride - 1 : room) / stride + 1
            // A window may not start in the padding after the input.
            if roundsUp, (output - 1) * stride >= length + before { output -= 1 }
        }
        return WindowAxis(
            kernel: kernel[index], stride: stride, dilation: dilation, padding: before, paddingAfter: after,
            input: length, output: output)
    }

    private static func values(
        _ values: [Int], _ name: String, least: Int, count: Int, _ node: NodeContext
    ) throws(InferenceError) -> [Int] {
        guard values.count == count, values.allSatisfy({ $0 >= least && $0 <= valueMax }) else {
            throw node.corrupt("\(name) must be \(count) numbers in \(least)...\(valueMax)")
        }
        return values
    }
}
