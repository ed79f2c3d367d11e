/// Gemm: alpha * A * B + beta * C, with A and B transposed where the node says so.
struct Gemm: Operator {
    static let types = ["Gemm"]

    private let alpha: Float
    private let beta: Float
    private let transposesLeft: Bool
    private let transposesRight: Bool
    private let place: String
    private var clamp = Clamp.none

    static func prepare(_ node: NodeContext) throws(InferenceError) -> PreparedNode {
        var reads = [try node.input(0), try node.input(1)]
        if node.hasInput(2) { reads.append(try node.input(2)) }
        return PreparedNode(kernel: try Gemm(node), reads: reads)
    }

    private init(_ node: NodeContext) throws(InferenceError) {
        alpha = try node.float("alpha", default: 1)
        beta = try node.float("beta", default: 1)
        transposesLeft = try node.integer("transA", default: 0) != 0
        transposesRight = try node.integer("transB", default: 0) != 0
        place = node.place
    }

    func fusing(_ clamp: Clamp) -> (any Operator)? {
        var copy = self
        copy.clamp = self.clamp.then(clamp)
        return copy
    }

    func run(_ inputs: [Tensor]) throws(InferenceError) -> [Tensor] {
        let (a, b) = (inputs[0], inputs[1])
        guard a.shape.count == 2, b.shape.count == 2 else {
            throw InferenceError.shape("its operands have the shapes \(a.shape) and \(b.shape)", at: place)
        }
        let (rows, inner) = transposesLeft ? (a.shape[1], a.shape[0]) : (a.shape[0], a.shape[1])
        let (depth, columns) = transposesRight ? (b.shape[1], b.shape[0]) : (b.shape[0], b.shape[1])
        guard inner == depth else {
            throw InferenceError.shape("shapes \(a.shape) and \(b.shape) cannot be multiplied", at: place)
        }
        let count = try Shape.count([rows, columns], place: place)
        try WorkLimit.check([rows, columns, inner], at: place)
        var values = try addend(inputs.count > 2 ? inputs[2] : nil, rows: rows, columns: columns, count: count)
        values.withUnsafeMutableBufferPointer { output in
            a.values.withUnsafeBufferPointer { left in
                b.values.withUnsafeBufferPointer { right in
                    guard let output = output.baseAddress else { return }
                    if let left = left.baseAddress, let right = right.baseAddress, inner > 0 {
                        LinearAlgebra.multiply(
                            .init(start: left, stride: a.shape[1], transposed: transposesLeft),
                            .init(start: right, stride: b.shape[1], transposed: transposesRight),
                            into: output, stride: columns, rows: rows, columns: columns, inner: inner,
                            alpha: alpha, beta: 1)
                    }
                    clamp.apply(output, count: count)
                }
            }
        }
        return [Tensor(unchecked: [rows, columns], values)]
    }

    /// beta * C, repeated to the result's shape: the product is added onto it.
    private func addend(_ c: Tensor?, rows: Int, columns: Int, count: Int) throws(InferenceError) -> [Float] {
        guard let c else { return [Float](repeating: 0, count: count) }
        guard Shape.broadcast(c.shape, [rows, columns]) == [rows, columns] else {
            throw InferenceError.shape("its addend of shape \(c.shape) does not fit \([rows, columns])", at: place)
        }
        let strides = Shape.broadcastStrides(c.shape, in: [rows, columns])
        var values = [Float]()
        values.reserveCapacity(count)
        for row in 0..<rows {
            for column in 0..<columns {
                values.append(beta * c.values[row * strides[0] + column * strides[1]])
            }
        }
        return values
    }
}
