/// The lines along which tensors of different shapes are combined element by element, as numpy broadcasts them.
struct Broadcast {
    /// The result's shape.
    let shape: [Int]
    /// The order of the result's elements: channels last where that of an operand is.
    let layout: Layout
    private var sizes: [Int] = []
    /// For each operand, elements between neighbours along each of `sizes`.
    private var strides: [[Int]]

    /// Nil when the shapes do not go together.
    init?(_ operands: [Tensor]) {
        var shape = [Int]()
        for operand in operands {
            guard let common = Shape.broadcast(shape, operand.shape) else { return nil }
            shape = common
        }
        self.shape = shape
        let isChannelsLast = operands.contains { $0.layout == .channelsLast && $0.shape.count == shape.count }
        layout = isChannelsLast ? .channelsLast : .rowMajor
        strides = operands.map { _ in [] }
        let padded = operands.map { Broadcast.strides($0, rank: shape.count) }
        for axis in layout.order(rank: shape.count) where shape[axis] != 1 {
            append(shape[axis], padded.map { $0[axis] })
        }
    }

    /// Merges a dimension with the one outside it where all operands run on evenly.
    private mutating func append(_ size: Int, _ steps: [Int]) {
        let merges = !sizes.isEmpty && zip(strides, steps).allSatisfy { $0.last == $1 * size }
        if merges { sizes[sizes.count - 1] *= size } else { sizes.append(size) }
        for index in strides.indices {
            if merges {
                strides[index][strides[index].count - 1] = steps[index]
            } else {
                strides[index].append(steps[index])
            }
        }
    }

    /// Calls `body` for each line with where it starts in the result and in each operand, the strides of the operands
    /// along it, and its length.
    func forEachLine(_ body: (_ start: Int, _ starts: [Int], _ strides: [Int], _ count: Int) -> Void) {
        guard !sizes.contains(0) else { return }
        let length = sizes.last ?? 1
        let steps = strides.map { $0.last ?? 0 }
        var index = [Int](repeating: 0, count: max(sizes.count - 1, 0))
        var starts = [Int](repeating: 0, count: strides.count)
        var start = 0
        while true {
            body(start, starts, steps, length)
            start += length
            var axis = index.count - 1
            while axis >= 0 {
                index[axis] += 1
                for operand in starts.indices { starts[operand] += strides[operand][axis] }
                if index[axis] < sizes[axis] { break }
                for operand in starts.indices { starts[operand] -= strides[operand][axis] * sizes[axis] }
                index[axis] = 0
                axis -= 1
            }
            if axis < 0 { return }
        }
    }

    /// Strides along the axes of a result of `rank` dimensions: zero where the operand is repeated.
    private static func strides(_ operand: Tensor, rank: Int) -> [Int] {
        let own = zip(operand.layout.strides(operand.shape), operand.shape).map { $1 == 1 ? 0 : $0 }
        return [Int](repeating: 0, count: rank - own.count) + own
    }
}
