import CKernels

/// Add, Sub, Mul, Div, Pow, Mod and PRelu of two tensors, Sum, Max, Min and Mean of any number, under broadcasting.
struct Elementwise: Operator {
    static let types = ["Add", "Sub", "Mul", "Div", "Pow", "Mod", "PRelu", "Sum", "Max", "Min", "Mean"]

    private let function: BinaryFunction
    private let averages: Bool
    /// Where the second operand is aligned with the first; only before operator set 7.
    private let axis: Int?
    private var activation = ActivationFunction.identity

    static func prepare(_ node: NodeContext) throws(InferenceError) -> any Operator {
        let type = node.node.type
        guard let function = BinaryFunction(type, fmod: try node.flag("fmod")), !node.node.inputs.isEmpty else {
            throw node.corrupt("it has no inputs")
        }
        let pairs = ["Add", "Sub", "Mul", "Div", "Pow", "Mod", "PRelu"]
        guard !pairs.contains(type) || node.node.inputs.count == 2 else {
            throw node.corrupt("it has \(node.node.inputs.count) inputs, not 2")
        }
        let isOld = node.opset < 7 && pairs.contains(type) && type != "PRelu"
        let broadcasts = try node.flag("broadcast")
        let axis = isOld && broadcasts ? try node.integer("axis", default: -1) : nil
        // A slope without the batch belongs to the channels.
        return Elementwise(
            function: function, averages: type == "Mean", axis: type == "PRelu" && node.opset < 7 ? 1 : axis)
    }

    private init(function: BinaryFunction, averages: Bool, axis: Int?) {
        self.function = function
        self.averages = averages
        self.axis = axis
    }

    var arithmetic: Arithmetic { .numbers }

    /// Whether it does nothing to the result afterwards.
    var isPlain: Bool { activation.isIdentity && axis == nil }

    func fusing(_ activation: ActivationFunction) -> (any Operator)? {
        guard let both = self.activation.then(activation), !averages else { return nil }
        var copy = self
        copy.activation = both
        return copy
    }

    /// The sum of two tensors of 32-bit floats.
    static func add(_ a: Tensor, _ b: Tensor, _ call: Invocation) throws(InferenceError) -> Tensor {
        try Elementwise(function: .add, averages: false, axis: nil).combine(a, b, call)
    }

    func run(_ call: Invocation) throws(InferenceError) -> [Tensor] {
        var result = try call.input(0)
        for position in call.inputs.indices.dropFirst() {
            result = try combine(result, try aligned(try call.input(position), with: result), call)
        }
        if averages {
            let count = try Tensor(shape: [], values: [Float(call.inputs.count)]).converted(to: result.type)
            result = try Elementwise(function: .divide, averages: false, axis: nil).combine(result, count, call)
        }
        guard !activation.isIdentity else { return [result] }
        guard result.type == .float32 else { throw call.mismatch("its result is not of type float32") }
        // One input alone is still the input, which is not to be written to.
        let target = call.inputs.count > 1 ? result : try call.output(result.shape, layout: result.layout)
        activation.apply(result.pointer(), target.pointer(), count: result.count)
        return [target]
    }

    /// The operand with dimensions of one behind it, as operator sets before 7 align it.
    private func aligned(_ operand: Tensor, with first: Tensor) throws(InferenceError) -> Tensor {
        guard let axis, let start = Shape.axis(axis, rank: first.shape.count) else { return operand }
        let from = axis < 0 ? first.shape.count - operand.shape.count : start
        let behind = first.shape.count - from - operand.shape.count
        guard behind > 0, operand.layout == .rowMajor else { return operand }
        return operand.viewed(as: operand.shape + [Int](repeating: 1, count: behind))
    }

    private func combine(_ a: Tensor, _ b: Tensor, _ call: Invocation) throws(InferenceError) -> Tensor {
        var (a, b) = (a, b)
        // Lines are longest where both lie in the same order.
        if a.layout == .channelsLast || b.layout == .channelsLast, a.shape.count == b.shape.count {
            (a, b) = (try call.inChannelsLast(a), try call.inChannelsLast(b))
        }
        guard let lines = Broadcast([a, b]) else {
            throw call.mismatch("shapes \(a.shape) and \(b.shape) do not go together")
        }
        let mayDiffer = function == .power
        guard a.type == b.type || mayDiffer, let number = a.type.number, let other = b.type.number else {
            throw call.mismatch("its operands are of the types \(a.type) and \(b.type)")
        }
        let result = try call.output(lines.shape, a.type, layout: lines.layout)
        if a.type == .float32, b.type == .float32 {
            if let kernel = function.kernel {
                combine(lines, kernel, a.pointer(), b.pointer(), result.pointer())
            } else {
                combine(Float.self, Float.self, lines, a, b, result)
            }
        } else {
            combine(number, other, lines, a, b, result)
        }
        return result
    }

    private func combine(
        _ lines: Broadcast, _ kernel: ck_binary, _ a: UnsafeMutablePointer<Float>, _ b: UnsafeMutablePointer<Float>,
        _ result: UnsafeMutablePointer<Float>
    ) {
        let combine = Kernels.current.combine
        lines.forEachLine { start, starts, strides, count in
            if strides[0] <= 1, strides[1] <= 1 {
                combine(kernel, a + starts[0], strides[0], b + starts[1], strides[1], result + start, count)
            } else {
                for index in 0..<count {
                    let (x, y) = (a + starts[0] + index * strides[0], b + starts[1] + index * strides[1])
                    combine(kernel, x, 0, y, 0, result + start + index, 1)
                }
            }
        }
    }

    private func combine<T: Number, U: Number>(
        _: T.Type, _: U.Type, _ lines: Broadcast, _ a: Tensor, _ b: Tensor, _ result: Tensor
    ) {
        let (x, y, to) = (a.pointer(T.self), b.pointer(U.self), result.pointer(T.self))
        let apply: (T, U) -> T
        if function == .power {
            apply = { T.power($0, $1.double) }
        } else {
            let same: (T, T) -> T = function.onNumbers()
            // The types are the same here: the conversion changes nothing.
            apply = { same($0, T.isInteger ? T(wrapping: $1.integer) : T(nearest: $1.double)) }
        }
        lines.forEachLine { start, starts, strides, count in
            for index in 0..<count {
                to[start + index] = apply(x[starts[0] + index * strides[0]], y[starts[1] + index * strides[1]])
            }
        }
    }
}
