#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// LRN: each value divided by a power of the squares around it, across the channels.
struct LocalResponseNormalization: Operator {
    static let types = ["LRN"]

    private let size: Int
    private let alpha: Float
    private let beta: Float
    private let bias: Float

    static func prepare(_ node: NodeContext) throws(InferenceError) -> any Operator {
        let size = try node.integer("size", default: 0)
        guard size > 0, size <= Shape.elementsMax else { throw node.corrupt("its size is \(size)") }
        return LocalResponseNormalization(
            size: size, alpha: try node.float("alpha", default: 1e-4), beta: try node.float("beta", default: 0.75),
            bias: try node.float("bias", default: 1))
    }

    func run(_ call: Invocation) throws(InferenceError) -> [Tensor] {
        let input = try call.channelsLast(0)
        guard input.shape.count >= 3 else { throw call.mismatch("its input has the shape \(input.shape)") }
        let channels = input.shape[1]
        let result = try call.output(input.shape, layout: .channelsLast)
        let (before, after) = ((size - 1) / 2, size - 1 - (size - 1) / 2)
        for start in stride(from: 0, to: input.count, by: max(channels, 1)) {
            let (from, to) = (input.pointer(Float.self) + start, result.pointer(Float.self) + start)
            var sum: Float = 0
            for channel in 0..<min(after, channels) { sum += from[channel] * from[channel] }
            for channel in 0..<channels {
                // The window moves on by one: what enters it and what leaves it.
                if channel + after < channels { sum += from[channel + after] * from[channel + after] }
                if channel - before > 0 { sum -= from[channel - before - 1] * from[channel - before - 1] }
                to[channel] = from[channel] / power(bias + alpha / Float(size) * max(sum, 0))
            }
        }
        return [result]
    }

    /// x to the power of beta; three quarters, as nearly everywhere, are two roots.
    @inline(__always)
    private func power(_ x: Float) -> Float {
        guard beta == 0.75 else { return powf(x, beta) }
        let root = x.squareRoot()
        return root * root.squareRoot()
    }
}
