import CKernels

/// A function of one number that an operator can apply to its result as it writes it.
struct ActivationFunction: Sendable {
    let kernel: ck_activation

    init(_ function: ck_function, _ a: Float = 0, _ b: Float = 0) {
        kernel = ck_activation(function: function, a: a, b: b)
    }

    static let identity = ActivationFunction(CK_IDENTITY)
    static let relu = clamp(low: 0, high: .infinity)
    static let sigmoid = ActivationFunction(CK_SIGMOID)
    static let swish = ActivationFunction(CK_SWISH, 1)
    static let hardSwish = ActivationFunction(CK_HARD_SWISH)

    static func clamp(low: Float, high: Float) -> ActivationFunction { ActivationFunction(CK_CLAMP, low, high) }

    var isIdentity: Bool { kernel.function == CK_IDENTITY }

    /// The function that, multiplied with its own argument, this one is the other factor of: x · sigmoid(x) is swish.
    var timesArgument: ActivationFunction? {
        switch kernel.function {
        case CK_SIGMOID: .swish
        case CK_HARD_SIGMOID where abs(kernel.a - 1 / 6) < 1e-6 && kernel.b == 0.5: .hardSwish
        default: nil
        }
    }

    /// This function followed by another, where one function does both.
    func then(_ next: ActivationFunction) -> ActivationFunction? {
        if isIdentity { return next }
        guard kernel.function == CK_CLAMP, next.kernel.function == CK_CLAMP else { return nil }
        return .clamp(low: next.clamped(kernel.a), high: next.clamped(kernel.b))
    }

    /// Applies it to `count` numbers; `output` may be `input`.
    func apply(_ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>, count: Int) {
        Kernels.current.activate(kernel, input, output, count)
    }

    private func clamped(_ value: Float) -> Float { Swift.min(Swift.max(value, kernel.a), kernel.b) }
}
