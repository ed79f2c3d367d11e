/// The order in which a tensor's elements lie in memory; its shape is the same in either.
enum Layout: Sendable {
    /// The last dimension innermost, as ONNX says it.
    case rowMajor
    /// The second dimension (the channels) innermost: N, spatial dimensions, C. Convolutions and poolings run on it.
    case channelsLast

    /// The dimensions from the outermost to the innermost, as axes of the shape.
    func order(rank: Int) -> [Int] {
        switch self {
        case .rowMajor: Array(0..<rank)
        case .channelsLast: rank < 3 ? Array(0..<rank) : [0] + Array(2..<rank) + [1]
        }
    }

    /// The sizes from the outermost to the innermost.
    func physical(_ shape: [Int]) -> [Int] { order(rank: shape.count).map { shape[$0] } }

    /// For each axis of the shape, how many elements lie between its neighbours.
    func strides(_ shape: [Int]) -> [Int] {
        var strides = [Int](repeating: 0, count: shape.count)
        var step = 1
        for axis in order(rank: shape.count).reversed() {
            strides[axis] = step
            step *= shape[axis]
        }
        return strides
    }
}
