/// Cast and CastLike: the same values as another type.
struct Casting: Operator {
    static let types = ["Cast", "CastLike"]

    /// Nil where it is the type of the second input.
    private let target: ElementType?

    static func prepare(_ node: NodeContext) throws(InferenceError) -> any Operator {
        if node.node.type == "CastLike" { return Casting(target: nil) }
        let number = try node.integer("to", default: 0)
        guard let target = ElementType(rawValue: number) else {
            throw node.unsupported("its target is element type number \(number) of ONNX")
        }
        return Casting(target: target)
    }

    var arithmetic: Arithmetic { .anyElement }

    func run(_ call: Invocation) throws(InferenceError) -> [Tensor] {
        let input = try call.input(0)
        var target = self.target ?? .float32
        if self.target == nil { target = try call.input(1).type }
        let result = try call.output(input.shape, target, layout: input.layout)
        convert(input, target.element, result)
        return [result]
    }

    private func convert<T: Element>(_ input: Tensor, _: T.Type, _ result: Tensor) {
        input.convert(into: result.pointer(T.self))
    }
}
