/// Not: the other truth value.
struct Not: Operator {
    static let types = ["Not"]

    static func prepare(_ node: NodeContext) throws(InferenceError) -> any Operator { Not() }

    var arithmetic: Arithmetic { .anyElement }

    func run(_ call: Invocation) throws(InferenceError) -> [Tensor] {
        let input = try call.input(0)
        guard input.type == .bool else { throw call.mismatch("its input is of type \(input.type)") }
        let result = try call.output(input.shape, .bool, layout: input.layout)
        let (from, to) = (input.pointer(Truth.self), result.pointer(Truth.self))
        for index in 0..<input.count { to[index] = Truth(!from[index].value) }
        return [result]
    }
}
