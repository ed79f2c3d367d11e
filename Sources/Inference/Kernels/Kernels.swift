import CKernels

/// The inner loops compiled for this processor's vectors.
public enum Kernels {
    /// Chosen once, before its first use, and never written.
    nonisolated(unsafe) static let current: ck_kernels = ck_best().pointee

    /// The vector extension they use, such as "AVX-512"; together with `LinearAlgebra.coreName` it decides the speed.
    public static var name: String { String(cString: current.name) }
}
