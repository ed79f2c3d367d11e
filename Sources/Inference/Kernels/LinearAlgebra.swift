import COpenBLAS

/// Matrix products by OpenBLAS, one thread a call: parallelism belongs to the caller's threads.
public enum LinearAlgebra {
    private static let singleThreaded: Void = openblas_set_num_threads(1)

    /// The processor core OpenBLAS chose its kernels for, such as "Haswell"; it decides the speed.
    public static var coreName: String {
        prepare()
        return openblas_get_corename().map { String(cString: $0) } ?? "unknown"
    }

    /// Fixes the number of threads; the setting belongs to the process, so it is made once, before the first use.
    static func prepare() {
        _ = singleThreaded
    }

    /// A matrix where it lies in memory: rows as stored, read transposed or not.
    struct Operand {
        let start: UnsafePointer<Float>
        /// Elements from one stored row to the next.
        let stride: Int
        var transposed = false
    }

    /// Sets `result` (rows x columns) to `alpha * left * right + beta * result`.
    ///
    /// All sizes come from tensors and are therefore far below 2^31.
    static func multiply(
        _ left: Operand, _ right: Operand, into result: UnsafeMutablePointer<Float>, stride: Int,
        rows: Int, columns: Int, inner: Int, alpha: Float = 1, beta: Float = 0
    ) {
        guard rows > 0, columns > 0 else { return }
        if rows == 1, !left.transposed {
            // One row: the weights are read once and not copied into blocks first.
            let (height, width) = right.transposed ? (columns, inner) : (inner, columns)
            cblas_sgemv(
                CblasRowMajor, right.transposed ? CblasNoTrans : CblasTrans, Int32(height), Int32(width), alpha,
                right.start, Int32(max(right.stride, 1)), left.start, 1, beta, result, 1)
            return
        }
        cblas_sgemm(
            CblasRowMajor, left.transposed ? CblasTrans : CblasNoTrans, right.transposed ? CblasTrans : CblasNoTrans,
            Int32(rows), Int32(columns), Int32(inner), alpha, left.start, Int32(max(left.stride, 1)),
            right.start, Int32(max(right.stride, 1)), beta, result, Int32(max(stride, 1)))
    }
}
