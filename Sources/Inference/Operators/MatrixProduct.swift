/// MatMul: matrix products over broadcast outer dimensions, as numpy's matmul.
struct MatrixProduct: Operator {
    static let types = ["MatMul"]

    private let place: String

    static func prepare(_ node: NodeContext) throws(InferenceError) -> PreparedNode {
        PreparedNode(kernel: MatrixProduct(place: node.place), reads: [try node.input(0), try node.input(1)])
    }

    func run(_ inputs: [Tensor]) throws(InferenceError) -> [Tensor] {
        // A vector is a matrix of one row on the left, of one column on the right.
        let a = inputs[0].shape.count == 1 ? [1] + inputs[0].shape : inputs[0].shape
        let b = inputs[1].shape.count == 1 ? inputs[1].shape + [1] : inputs[1].shape
        guard a.count >= 2, b.count >= 2, a[a.count - 1] == b[b.count - 2],
            let outer = Shape.broadcast(Array(a.dropLast(2)), Array(b.dropLast(2)))
        else {
            throw InferenceError.shape(
                "shapes \(inputs[0].shape) and \(inputs[1].shape) cannot be multiplied", at: place)
        }
        let (rows, inner, columns) = (a[a.count - 2], a[a.count - 1], b[b.count - 1])
        let count = try Shape.count(outer + [rows, columns], place: place)
        try WorkLimit.check([count, inner], at: place)
        var values = [Float](repeating: 0, count: count)
        if count > 0, inner > 0 {
            let starts = (offsets(a, outer), offsets(b, outer))
            values.withUnsafeMutableBufferPointer { output in
                inputs[0].values.withUnsafeBufferPointer { left in
                    inputs[1].values.withUnsafeBufferPointer { right in
                        guard let output = output.baseAddress, let left = left.baseAddress,
                            let right = right.baseAddress
                        else { return }
                        for index in starts.0.indices {
                            LinearAlgebra.multiply(
                                .init(start: left + starts.0[index], stride: inner),
                                .init(start: right + starts.1[index], stride: columns),
                                into: output + index * rows * columns, stride: columns,
                                rows: rows, columns: columns, inner: inner)
                        }
                    }
                }
            }
        }
        var shape = outer
        if inputs[0].shape.count > 1 { shape.append(rows) }
        if inputs[1].shape.count > 1 { shape.append(columns) }
        return [Tensor(unchecked: shape, values)]
    }

    /// Where the matrix of each outer position starts.
    private func offsets(_ shape: [Int], _ outer: [Int]) -> [Int] {
        let size = shape.suffix(2).reduce(1, *)
        let strides = Shape.broadcastStrides(Array(shape.dropLast(2)), in: outer)
        var offsets = [0]
        for (axis, length) in outer.enumerated() {
            offsets = offsets.flatMap { start in (0..<length).map { start + $0 * strides[axis] * size } }
        }
        return offsets
    }
}
