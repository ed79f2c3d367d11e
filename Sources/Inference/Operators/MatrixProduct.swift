/// MatMul: matrix products over broadcast outer dimensions, as numpy's matmul.
struct MatrixProduct: Operator {
    static let types = ["MatMul"]

    static func prepare(_ node: NodeContext) throws(InferenceError) -> any Operator { MatrixProduct() }

    func run(_ call: Invocation) throws(InferenceError) -> [Tensor] {
        let (left, right) = (try call.inRowMajor(try call.floats(0)), try call.inRowMajor(try call.floats(1)))
        // A vector is a matrix of one row on the left, of one column on the right.
        let a = left.shape.count == 1 ? [1] + left.shape : left.shape
        let b = right.shape.count == 1 ? right.shape + [1] : right.shape
        guard a.count >= 2, b.count >= 2, a[a.count - 1] == b[b.count - 2],
            let outer = Shape.broadcast(Array(a.dropLast(2)), Array(b.dropLast(2)))
        else { throw call.mismatch("shapes \(left.shape) and \(right.shape) cannot be multiplied") }
        let (rows, inner, columns) = (a[a.count - 2], a[a.count - 1], b[b.count - 1])
        var shape = outer
        if left.shape.count > 1 { shape.append(rows) }
        if right.shape.count > 1 { shape.append(columns) }
        let result = try call.output(shape)
        try WorkLimit.check([result.count, inner], at: call.place)
        let target = result.pointer(Float.self)
        target.initialize(repeating: 0, count: result.count)
        guard result.count > 0, inner > 0 else { return [result] }
        let starts = zip(MatrixProduct.offsets(a, outer), MatrixProduct.offsets(b, outer))
        for (index, (from, other)) in starts.enumerated() {
            LinearAlgebra.multiply(
                .init(start: left.pointer() + from, stride: inner),
                .init(start: right.pointer() + other, stride: columns),
                into: target + index * rows * columns, stride: columns, rows: rows, columns: columns, inner: inner)
        }
        return [result]
    }

    /// Where the matrix of each outer position starts.
    private static func offsets(_ shape: [Int], _ outer: [Int]) -> [Int] {
        let size = shape.suffix(2).reduce(1, *)
        let own = Shape.padded(Array(shape.dropLast(2)), to: outer.count)
        let strides = zip(Layout.rowMajor.strides(own), own).map { $1 == 1 ? 0 : $0 * size }
        var offsets = [0]
        for (stride, length) in zip(strides, outer) {
            offsets = offsets.flatMap { start in (0..<length).map { start + $0 * stride } }
        }
        return offsets
    }
}
