/// A sliding window along one axis of an input of known length.
struct WindowAxis {
    let kernel: Int
    let stride: Int
    let dilation: Int
    let padding: Int
    let paddingAfter: Int
    let input: Int
    let output: Int

    /// An axis of one pixel, for tensors with fewer axes.
    static let single = WindowAxis(
        kernel: 1, stride: 1, dilation: 1, padding: 0, paddingAfter: 0, input: 1, output: 1)

    /// The input index under a tap at an output position, which may lie outside the input.
    @inline(__always)
    func index(_ position: Int, tap: Int) -> Int { position * stride + tap * dilation - padding }

    /// For each output position, how many taps fall inside the input, or inside the padded input.
    func counts(includingPadding: Bool) -> [Float] {
        (0..<output).map { position in
            Float(
                (0..<kernel).count { tap in
                    let index = index(position, tap: tap)
                    return includingPadding ? index < input + paddingAfter : index >= 0 && index < input
                })
        }
    }
}
