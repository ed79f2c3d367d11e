/// Gemm: alpha * A * B + beta * C, with A and B transposed where the node says so.
struct Gemm: Operator {
    static let types = ["Gemm"]

    private let alpha: Float
    private let beta: Float
    private let transposesLeft: Bool
    private let transposesRight: Bool
    private var activation = ActivationFunction.identity

    static func prepare(_ node: NodeContext) throws(InferenceError) -> any Operator { try Gemm(node) }

    private init(_ node: NodeContext) throws(InferenceError) {
        alpha = try node.float("alpha", default: 1)
        beta = try node.float("beta", default: 1)
        transposesLeft = try node.flag("transA")
        transposesRight = try node.flag("transB")
    }

    func fusing(_ activation: ActivationFunction) -> (any Operator)? {
        guard let both = self.activation.then(activation) else { return nil }
        var copy = self
        copy.activation = both
        return copy
    }

    func run(_ call: Invocation) throws(InferenceError) -> [Tensor] {
        let (a, b) = (try call.floats(0), try call.floats(1))
        guard a.shape.count == 2, b.shape.count == 2 else {
            throw call.mismatch("its operands have the shapes \(a.shape) and \(b.shape)")
        }
        let (rows, inner) = transposesLeft ? (a.shape[1], a.shape[0]) : (a.shape[0], a.shape[1])
        let (depth, columns) = transposesRight ? (b.shape[1], b.shape[0]) : (b.shape[0], b.shape[1])
        guard inner == depth else {
            throw call.mismatch("shapes \(a.shape) and \(b.shape) cannot be multiplied")
        }
        let result = try call.output([rows, columns])
        try WorkLimit.check([rows, columns, inner], at: call.place)
        try start(result, call)
        if inner > 0 {
            LinearAlgebra.multiply(
                .init(start: a.pointer(), stride: a.shape[1], transposed: transposesLeft),
                .init(start: b.pointer(), stride: b.shape[1], transposed: transposesRight),
                into: result.pointer(), stride: columns, rows: rows, columns: columns, inner: inner,
                alpha: alpha, beta: 1)
        }
        if !activation.isIdentity { activation.apply(result.pointer(), result.pointer(), count: result.count) }
        return [result]
    }

    /// Sets the result to beta * C, repeated to its shape: the product is added onto it.
    private func start(_ result: Tensor, _ call: Invocation) throws(InferenceError) {
        let target = result.pointer(Float.self)
        guard call.optional(2) != nil else {
            target.initialize(repeating: 0, count: result.count)
            return
        }
        let addend = try call.floats(2)
        guard Shape.broadcast(addend.shape, result.shape) == result.shape, let lines = Broadcast([addend, result])
        else { throw call.mismatch("its addend of shape \(addend.shape) does not fit \(result.shape)") }
        let values = addend.pointer(Float.self)
        lines.forEachLine { start, starts, strides, count in
            for index in 0..<count { target[start + index] = beta * values[starts[0] + index * strides[0]] }
        }
    }
}
