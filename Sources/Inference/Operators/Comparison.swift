/// Equal, Greater, Less and their kin: truth values of two tensors under broadcasting.
struct Comparison: Operator {
    static let types = ["Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "And", "Or", "Xor"]

    private let type: String

    static func prepare(_ node: NodeContext) throws(InferenceError) -> any Operator {
        Comparison(type: node.node.type)
    }

    var arithmetic: Arithmetic { .numbers }

    func run(_ call: Invocation) throws(InferenceError) -> [Tensor] {
        let (a, b) = (try call.input(0), try call.input(1))
        guard let lines = Broadcast([a, b]) else {
            throw call.mismatch("shapes \(a.shape) and \(b.shape) do not go together")
        }
        let isLogic = ["And", "Or", "Xor"].contains(type)
        guard a.type == b.type, a.type == .bool || !isLogic else {
            throw call.mismatch("its operands are of the types \(a.type) and \(b.type)")
        }
        let result = try call.output(lines.shape, .bool, layout: lines.layout)
        // Truth values are bytes of 0 and 1, and compare as such.
        let number: any Number.Type = a.type.number ?? UInt8.self
        compare(number, lines, a, b, result)
        return [result]
    }

    private func compare<T: Number>(
        _: T.Type, _ lines: Broadcast, _ a: Tensor, _ b: Tensor, _ result: Tensor
    ) {
        let zero = T(wrapping: 0)
        let test: (T, T) -> Bool =
            switch type {
            case "Equal": { $0 == $1 }
            case "Greater": { $0 > $1 }
            case "GreaterOrEqual": { $0 >= $1 }
            case "Less": { $0 < $1 }
            case "LessOrEqual": { $0 <= $1 }
            case "And": { $0 != zero && $1 != zero }
            case "Or": { $0 != zero || $1 != zero }
            default: { ($0 != zero) != ($1 != zero) }
            }
        let (x, y, to) = (a.pointer(T.self), b.pointer(T.self), result.pointer(Truth.self))
        lines.forEachLine { start, starts, strides, count in
            for index in 0..<count {
                to[start + index] = Truth(test(x[starts[0] + index * strides[0]], y[starts[1] + index * strides[1]]))
            }
        }
    }
}
