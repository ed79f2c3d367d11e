import CKernels

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Functions of one number without a loop of their own; never fused.
struct UnaryFunction: Operator {
    static let types = [
        "Abs", "Neg", "Sign", "Exp", "Log", "Sqrt", "Reciprocal", "Floor", "Ceil", "Round", "Sin", "Cos", "Selu",
        "Celu", "Gelu", "Softplus", "Softsign", "Mish", "ThresholdedRelu",
    ]

    private let onFloats: @Sendable (Double) -> Double
    /// For the three that are also defined on integers.
    private let onIntegers: (@Sendable (Int) -> Int)?

    static func prepare(_ node: NodeContext) throws(InferenceError) -> any Operator {
        let alpha = Double(try node.float("alpha", default: node.node.type == "Selu" ? 1.67326319 : 1))
        switch node.node.type {
        case "Abs": return UnaryFunction({ abs($0) }, { $0 < 0 ? 0 &- $0 : $0 })
        case "Neg": return UnaryFunction({ -$0 }, { 0 &- $0 })
        case "Sign": return UnaryFunction({ $0 > 0 ? 1 : $0 < 0 ? -1 : $0 }, { $0.signum() })
        case "Exp": return UnaryFunction(exp)
        case "Log": return UnaryFunction(log)
        case "Sqrt": return UnaryFunction { $0.squareRoot() }
        case "Reciprocal": return UnaryFunction { 1 / $0 }
        case "Floor": return UnaryFunction { $0.rounded(.down) }
        case "Ceil": return UnaryFunction { $0.rounded(.up) }
        case "Round": return UnaryFunction { $0.rounded(.toNearestOrEven) }
        case "Sin": return UnaryFunction(sin)
        case "Cos": return UnaryFunction(cos)
        case "Selu":
            let gamma = Double(try node.float("gamma", default: 1.05070102))
            return UnaryFunction { gamma * ($0 > 0 ? $0 : alpha * expm1($0)) }
        case "Celu": return UnaryFunction { max(0, $0) + min(0, alpha * expm1($0 / alpha)) }
        case "Gelu": return try gelu(node)
        case "Softplus": return UnaryFunction { max($0, 0) + log1p(exp(-abs($0))) }
        case "Softsign": return UnaryFunction { $0 / (1 + abs($0)) }
        case "Mish": return UnaryFunction { $0 * tanh(max($0, 0) + log1p(exp(-abs($0)))) }
        default: return UnaryFunction { $0 > alpha ? $0 : 0 }
        }
    }

    private init(_ onFloats: @escaping @Sendable (Double) -> Double, _ onIntegers: (@Sendable (Int) -> Int)? = nil) {
        self.onFloats = onFloats
        self.onIntegers = onIntegers
    }

    var arithmetic: Arithmetic { .numbers }

    func run(_ call: Invocation) throws(InferenceError) -> [Tensor] {
        let input = try call.input(0)
        guard let number = input.type.number, input.type.isFloating || onIntegers != nil else {
            throw call.mismatch("its input is of type \(input.type)")
        }
        let result = try call.output(input.shape, input.type, layout: input.layout)
        // Said twice, because the compiler makes a fast loop of the type it can see.
        if input.type == .float32 {
            apply(Float.self, input, result)
        } else {
            apply(number, input, result)
        }
        return [result]
    }

    private func apply<T: Number>(_: T.Type, _ input: Tensor, _ result: Tensor) {
        let (from, to) = (input.pointer(T.self), result.pointer(T.self))
        if T.isInteger, let onIntegers {
            for index in 0..<input.count { to[index] = T(wrapping: onIntegers(from[index].integer)) }
        } else {
            for index in 0..<input.count { to[index] = T(nearest: onFloats(from[index].double)) }
        }
    }

    private static func gelu(_ node: NodeContext) throws(InferenceError) -> any Operator {
        switch try node.string("approximate", default: "none") {
        case "tanh":
            return UnaryFunction {
                0.5 * $0 * (1 + tanh((2 / Double.pi).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0)))
            }
        case "none": return Activation(function: ActivationFunction(CK_GELU))
        default: throw node.unsupported("its approximation is not known")
        }
    }
}
