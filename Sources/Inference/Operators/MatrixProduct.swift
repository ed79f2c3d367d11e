import COpenBLAS

/// α·A·B + β·C with A or B transposed on request (ONNX Gemm).
struct Gemm: Operator {
    let alpha, beta: Float
    let transposesA, transposesB: Bool

    init(_ node: OnnxNode) {
        alpha = node.float("alpha", default: 1)
        beta = node.float("beta", default: 1)
        transposesA = node.integer("transA", default: 0) != 0
        transposesB = node.integer("transB", default: 0) != 0
    }

    func run(_ inputs: [Tensor]) throws(InferenceError) -> Tensor {
        let a = try inputs.tensor(0, of: "Gemm")
        let b = try inputs.tensor(1, of: "Gemm")
        var product = try matrixProduct(a, b, transposesA, transposesB, alpha)
        guard inputs.count > 2 else { return product }
        var c = inputs[2]
        for index in c.values.indices { c.values[index] *= beta }
        product = try Elementwise.add.run([product, c])
        return product
    }
}

/// The product of two matrices (ONNX MatMul, rank 2).
struct MatMul: Operator {
    func run(_ inputs: [Tensor]) throws(InferenceError) -> Tensor {
        try matrixProduct(try inputs.tensor(0, of: "MatMul"), try inputs.tensor(1, of: "MatMul"), false, false, 1)
    }
}

private func matrixProduct(
    _ a: Tensor, _ b: Tensor, _ transposesA: Bool, _ transposesB: Bool, _ alpha: Float
) throws(InferenceError) -> Tensor {
    guard a.shape.count == 2, b.shape.count == 2 else {
        throw InferenceError(.shapeMismatch, "a product of \(a.shape) and \(b.shape) is not one of two matrices")
    }
    let (rows, depth) = transposesA ? (a.shape[1], a.shape[0]) : (a.shape[0], a.shape[1])
    let (other, columns) = transposesB ? (b.shape[1], b.shape[0]) : (b.shape[0], b.shape[1])
    guard depth == other, rows > 0, columns > 0, depth > 0 else {
        throw InferenceError(.shapeMismatch, "\(rows) × \(depth) and \(other) × \(columns) can't be multiplied")
    }
    var c = try Tensor(shape: [rows, columns])
    a.values.withUnsafeBufferPointer { left in
        b.values.withUnsafeBufferPointer { right in
            c.values.withUnsafeMutableBufferPointer { target in
                cblas_sgemm(
                    CblasRowMajor, transposesA ? CblasTrans : CblasNoTrans, transposesB ? CblasTrans : CblasNoTrans,
                    Int32(rows), Int32(columns), Int32(depth), alpha, left.baseAddress, Int32(a.shape[1]),
                    right.baseAddress, Int32(b.shape[1]), 0, target.baseAddress, Int32(columns))
            }
        }
    }
    return c
}
