/// The taps of an antialiased bilinear (triangle) filter along one axis, as Pillow computes them.
struct ResampleAxis {
    /// First source index of each output pixel.
    let starts: [Int]
    /// Number of taps of each output pixel.
    let counts: [Int]
    /// Weights, `stride` for each output pixel; they add up to one.
    let weights: [Float]
    /// Weights reserved for each output pixel.
    let stride: Int

    /// Maps `length` source pixels, of which `origin..<origin + extent` are shown, to `target` pixels.
    init(length: Int, origin: Double, extent: Double, target: Int) {
        let scale = extent / Double(target)
        let filterScale = max(scale, 1)
        stride = Int((filterScale * 2).rounded(.up)) + 2
        var starts = [Int]()
        var counts = [Int]()
        var weights = [Float](repeating: 0, count: stride * target)
        for index in 0..<target {
            let centre = origin + (Double(index) + 0.5) * scale
            let low = min(max(Int((centre - filterScale + 0.5).rounded(.down)), 0), length - 1)
            let high = min(max(Int((centre + filterScale + 0.5).rounded(.down)), low + 1), length, low + stride)
            var taps = (low..<high).map { max(0, 1 - abs((Double($0) - centre + 0.5) / filterScale)) }
            let sum = taps.reduce(0, +)
            if sum <= 0 { taps[0] = 1 }
            for (tap, weight) in taps.enumerated() {
                weights[index * stride + tap] = Float(sum > 0 ? weight / sum : weight)
            }
            starts.append(low)
            counts.append(taps.count)
        }
        self.starts = starts
        self.counts = counts
        self.weights = weights
    }
}
