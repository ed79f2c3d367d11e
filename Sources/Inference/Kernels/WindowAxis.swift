/// A sliding window along one axis of an input of known length.
struct WindowAxis {
    let kernel: Int
    let stride: Int
    let dilation: Int
    let padding: Int
    let paddingAfter: Int
    let input: Int
    let output: Int

    /// The output positions at which a tap of the window falls inside the input.
    @inline(__always)
    func range(ofTap tap: Int) -> Range<Int> {
        let offset = tap * dilation - padding
        let low = offset >= 0 ? 0 : (-offset + stride - 1) / stride
        let last = input - 1 - offset
        let high = last < 0 ? 0 : last / stride + 1
        let lower = min(low, output)
        return lower..<max(lower, min(high, output))
    }

    /// The input index under a tap at an output position within `range(ofTap:)`.
    @inline(__always)
    func index(_ position: Int, tap: Int) -> Int { position * stride + tap * dilation - padding }

    /// For each output position, how many taps fall inside the input, or inside the padded input.
    func counts(includingPadding: Bool) -> [Int] {
        (0..<output).map { position in
            (0..<kernel).count { tap in
                let index = index(position, tap: tap)
                return includingPadding ? index < input + paddingAfter : index >= 0 && index < input
            }
        }
    }
}
