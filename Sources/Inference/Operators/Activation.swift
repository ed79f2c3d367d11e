import CKernels

/// Functions of one number that have a loop of their own and may be fused into the operator before them.
struct Activation: Operator {
    static let types = [
        "Relu", "LeakyRelu", "Sigmoid", "HardSigmoid", "HardSwish", "Tanh", "Elu", "Erf", "Swish",
    ]

    let function: ActivationFunction

    static func prepare(_ node: NodeContext) throws(InferenceError) -> any Operator {
        func number(_ name: String, _ standard: Float) throws(InferenceError) -> Float {
            try node.float(name, default: standard)
        }
        let function: ActivationFunction
        switch node.node.type {
        case "Relu": function = .relu
        case "LeakyRelu": function = ActivationFunction(CK_LEAKY, try number("alpha", 0.01))
        case "Sigmoid": function = .sigmoid
        case "HardSigmoid":
            function = ActivationFunction(CK_HARD_SIGMOID, try number("alpha", 0.2), try number("beta", 0.5))
        case "HardSwish": function = .hardSwish
        case "Tanh": function = ActivationFunction(CK_TANH)
        case "Elu": function = ActivationFunction(CK_ELU, try number("alpha", 1))
        case "Erf": function = ActivationFunction(CK_ERF)
        default: function = ActivationFunction(CK_SWISH, try number("alpha", 1))
        }
        return Activation(function: function)
    }

    func fusing(_ activation: ActivationFunction) -> (any Operator)? {
        function.then(activation).map { Activation(function: $0) }
    }

    func run(_ call: Invocation) throws(InferenceError) -> [Tensor] {
        let input = try call.floats(0)
        let result = try call.output(input.shape, layout: input.layout)
        function.apply(input.pointer(), result.pointer(), count: input.count)
        return [result]
    }
}
