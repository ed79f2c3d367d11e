/// Where: elements of the second input where the first is true, else of the third, under broadcasting.
struct Selection: Operator {
    static let types = ["Where"]

    static func prepare(_ node: NodeContext) throws(InferenceError) -> any Operator { Selection() }

    var arithmetic: Arithmetic { .anyElement }

    func run(_ call: Invocation) throws(InferenceError) -> [Tensor] {
        let (condition, yes, no) = (try call.input(0), try call.input(1), try call.input(2))
        guard condition.type == .bool, yes.type == no.type else {
            throw call.mismatch("its inputs are of the types \(condition.type), \(yes.type) and \(no.type)")
        }
        guard let lines = Broadcast([condition, yes, no]) else {
            throw call.mismatch("shapes \(condition.shape), \(yes.shape) and \(no.shape) do not go together")
        }
        let result = try call.output(lines.shape, yes.type, layout: lines.layout)
        switch yes.type.size {
        case 1: select(UInt8.self, lines, condition, yes, no, result)
        case 2: select(UInt16.self, lines, condition, yes, no, result)
        case 4: select(UInt32.self, lines, condition, yes, no, result)
        default: select(UInt64.self, lines, condition, yes, no, result)
        }
        return [result]
    }

    private func select<T: Element>(
        _: T.Type, _ lines: Broadcast, _ condition: Tensor, _ yes: Tensor, _ no: Tensor, _ result: Tensor
    ) {
        let chosen = condition.pointer(Truth.self)
        let (a, b, to) = (yes.pointer(T.self), no.pointer(T.self), result.pointer(T.self))
        lines.forEachLine { start, starts, strides, count in
            for index in 0..<count {
                let isYes = chosen[starts[0] + index * strides[0]].value
                to[start + index] = isYes ? a[starts[1] + index * strides[1]] : b[starts[2] + index * strides[2]]
            }
        }
    }
}
