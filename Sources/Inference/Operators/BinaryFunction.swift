import CKernels

/// What an operator makes of two numbers.
enum BinaryFunction: Sendable {
    case add, subtract, multiply, divide, power, maximum, minimum
    /// The remainder with the sign of the dividend, or with that of the divisor.
    case remainder, modulus
    /// The second times the first where that is negative, else the first.
    case slope

    /// By the ONNX operator type.
    init?(_ type: String, fmod: Bool) {
        switch type {
        case "Add", "Sum", "Mean": self = .add
        case "Sub": self = .subtract
        case "Mul": self = .multiply
        case "Div": self = .divide
        case "Pow": self = .power
        case "Max": self = .maximum
        case "Min": self = .minimum
        case "Mod": self = fmod ? .remainder : .modulus
        case "PRelu": self = .slope
        default: return nil
        }
    }

    /// The loop for 32-bit floats, where there is one.
    var kernel: ck_binary? {
        switch self {
        case .add: CK_ADD
        case .subtract: CK_SUBTRACT
        case .multiply: CK_MULTIPLY
        case .divide: CK_DIVIDE
        case .maximum: CK_MAXIMUM
        case .minimum: CK_MINIMUM
        default: nil
        }
    }

    /// The function on two numbers of one type.
    func onNumbers<T: Number>() -> (T, T) -> T {
        let zero = T(wrapping: 0)
        switch self {
        case .add, .power: return T.sum
        case .subtract: return T.difference
        case .multiply: return T.product
        case .divide: return T.quotient
        case .maximum: return { $0 > $1 || $0 != $0 ? $0 : $1 }
        case .minimum: return { $0 < $1 || $0 != $0 ? $0 : $1 }
        case .remainder: return T.remainder
        case .modulus:
            return { a, b in
                let rest = T.remainder(a, b)
                return rest != zero && (rest < zero) != (b < zero) ? T.sum(rest, b) : rest
            }
        case .slope: return { $0 < zero ? T.product($0, $1) : $0 }
        }
    }
}
