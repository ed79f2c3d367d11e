/// A sliding window as a node's attributes describe it, outermost dimension first.
struct Window: Sendable {
    private enum AutomaticPadding: String {
        case notSet = "NOTSET"
        case valid = "VALID"
        case sameUpper = "SAME_UPPER"
        case sameLower = "SAME_LOWER"
    }

    /// The most any attribute may say; products of two then stay far from overflow.
    static let valueMax = 1 << 20

    /// The size the attributes say, where they do.
    let kernel: [Int]?
    private let strides: [Int]?
    private let dilations: [Int]?
    private let pads: [Int]?
    private let automatic: AutomaticPadding
    private let roundsUp: Bool

    init(_ node: NodeContext) throws(InferenceError) {
        kernel = try Window.values(node, "kernel_shape", least: 1)
        strides = try Window.values(node, "strides", least: 1)
        dilations = try Window.values(node, "dilations", least: 1)
        pads = try Window.values(node, "pads", least: 0)
        let name = try node.string("auto_pad", default: "NOTSET")
        guard let automatic = AutomaticPadding(rawValue: name) else {
            throw node.corrupt("auto_pad is \(name.excerpt)")
        }
        self.automatic = automatic
        roundsUp = try node.flag("ceil_mode")
    }

    /// The window of that size laid over an input of `size`; throws when the attributes or the input do not fit it.
    func axes(kernel: [Int], over size: [Int], _ call: Invocation) throws(InferenceError) -> [WindowAxis] {
        let rank = kernel.count
        guard size.count == rank, self.kernel ?? kernel == kernel, strides?.count ?? rank == rank,
            dilations?.count ?? rank == rank, pads?.count ?? (2 * rank) == 2 * rank,
            kernel.allSatisfy({ $0 > 0 && $0 <= Window.valueMax })
        else { throw call.mismatch("a window of \(kernel) with its attributes does not fit an input of \(size)") }
        var axes = [WindowAxis]()
        for index in 0..<rank { axes.append(try axis(index, kernel[index], size[index], call)) }
        return axes
    }

    /// For a transposed convolution: strides, dilations and padding, with nothing laid over anything.
    func transposed(rank: Int, _ call: Invocation) throws(InferenceError) -> TransposedWindow {
        guard strides?.count ?? rank == rank, dilations?.count ?? rank == rank, pads?.count ?? (2 * rank) == 2 * rank
        else { throw call.mismatch("its attributes are not for \(rank) dimensions") }
        return TransposedWindow(
            strides: strides ?? [Int](repeating: 1, count: rank),
            dilations: dilations ?? [Int](repeating: 1, count: rank),
            pads: automatic == .valid ? nil : pads, isSame: automatic == .sameUpper || automatic == .sameLower,
            moreAtEnd: automatic == .sameUpper)
    }

    private func axis(
        _ index: Int, _ kernel: Int, _ length: Int, _ call: Invocation
    ) throws(InferenceError) -> WindowAxis {
        let (stride, dilation) = (strides?[index] ?? 1, dilations?[index] ?? 1)
        let reach = (kernel - 1) * dilation + 1
        var (before, after) = (0, 0)
        if let pads, automatic == .notSet { (before, after) = (pads[index], pads[index + pads.count / 2]) }
        var output = 0
        if automatic == .sameUpper || automatic == .sameLower {
            output = (length + stride - 1) / stride
            let total = max((output - 1) * stride + reach - length, 0)
            before = automatic == .sameUpper ? total / 2 : total - total / 2
            after = total - before
        } else {
            let room = length + before + after - reach
            guard room >= 0 else {
                throw call.mismatch("its window of \(reach) does not fit \(length) padded pixels")
            }
            output = (roundsUp ? room + stride - 1 : room) / stride + 1
            // A window may not start in the padding after the input.
            if roundsUp, (output - 1) * stride >= length + before { output -= 1 }
        }
        return WindowAxis(
            kernel: kernel, stride: stride, dilation: dilation, padding: before, paddingAfter: after,
            input: length, output: output)
    }

    private static func values(_ node: NodeContext, _ name: String, least: Int) throws(InferenceError) -> [Int]? {
        guard let values = try node.integers(name) else { return nil }
        guard values.count <= 2 * Shape.rankMax, values.allSatisfy({ $0 >= least && $0 <= valueMax }) else {
            throw node.corrupt("\(name) must be numbers in \(least)...\(valueMax)")
        }
        return values
    }
}
