/// InstanceNormalization, GroupNormalization and LayerNormalization: runs of values brought to mean 0, variance 1.
struct GroupedNormalization: Operator {
    static let types = ["InstanceNormalization", "GroupNormalization", "LayerNormalization"]

    private let type: String
    private let epsilon: Double
    private let groups: Int
    private let axis: Int
    /// Whether scale and bias are one for each group, as GroupNormalization had them before operator set 21.
    private let scalesGroups: Bool

    static func prepare(_ node: NodeContext) throws(InferenceError) -> any Operator {
        GroupedNormalization(
            type: node.node.type, epsilon: Double(try node.float("epsilon", default: 1e-5)),
            groups: try node.integer("num_groups", default: 1), axis: try node.integer("axis", default: -1),
            scalesGroups: node.opset < 21)
    }

    func run(_ call: Invocation) throws(InferenceError) -> [Tensor] {
        let input = try call.inRowMajor(try call.floats(0))
        let shape = input.shape
        guard type == "LayerNormalization" || shape.count >= 3, !shape.isEmpty,
            let axis = Shape.axis(axis, rank: shape.count)
        else { throw call.mismatch("its input has the shape \(shape)") }
        let result = try call.output(shape)
        guard input.count > 0 else { return [result] }
        if type == "LayerNormalization" { return try overLastAxes(input, result, from: axis, call) }
        let isInstance = type == "InstanceNormalization"
        let channels = shape[1]
        let groups = isInstance ? channels : groups
        guard groups > 0, channels % groups == 0 else {
            throw call.mismatch("\(channels) channels do not divide into \(groups) groups")
        }
        let scale = try factors(1, count: isInstance || !scalesGroups ? channels : groups, call)
        let bias = try factors(2, count: scale.count, call)
        let (size, pixels) = (input.count / shape[0] / groups, input.count / shape[0] / channels)
        for run in 0..<shape[0] * groups {
            _ = normalise(input.pointer() + run * size, result.pointer() + run * size, size) { index in
                let channel = run % groups * (channels / groups) + index / pixels
                let factor = channel * scale.count / channels
                return (scale[factor], bias[factor])
            }
        }
        return [result]
    }

    private func overLastAxes(
        _ input: Tensor, _ result: Tensor, from axis: Int, _ call: Invocation
    ) throws(InferenceError) -> [Tensor] {
        let size = input.shape[axis...].reduce(1, *)
        let scale = try factors(1, count: size, call)
        let bias = call.optional(2) == nil ? [Double](repeating: 0, count: size) : try factors(2, count: size, call)
        let reduced = Array(input.shape[..<axis]) + [Int](repeating: 1, count: input.shape.count - axis)
        let (means, deviations) = (try call.output(reduced), try call.output(reduced))
        for run in 0..<input.count / size {
            let (mean, inverse) = normalise(input.pointer() + run * size, result.pointer() + run * size, size) {
                (scale[$0], bias[$0])
            }
            means.pointer()[run] = Float(mean)
            deviations.pointer()[run] = Float(inverse)
        }
        return [result, means, deviations]
    }

    private func factors(_ position: Int, count: Int, _ call: Invocation) throws(InferenceError) -> [Double] {
        let values = try call.input(position).elements(as: Double.self)
        guard values.count == count else {
            throw call.mismatch("its input \(position) has \(values.count) elements and \(count) are needed")
        }
        return values
    }

    /// Answers the mean and one over the standard deviation.
    private func normalise(
        _ from: UnsafeMutablePointer<Float>, _ to: UnsafeMutablePointer<Float>, _ count: Int,
        _ factors: (Int) -> (Double, Double)
    ) -> (mean: Double, inverse: Double) {
        var sum = 0.0
        for index in 0..<count { sum += Double(from[index]) }
        let mean = sum / Double(count)
        var squares = 0.0
        for index in 0..<count {
            let distance = Double(from[index]) - mean
            squares += distance * distance
        }
        let inverse = 1 / (squares / Double(count) + epsilon).squareRoot()
        for index in 0..<count {
            let (scale, bias) = factors(index)
            to[index] = Float((Double(from[index]) - mean) * inverse * scale + bias)
        }
        return (mean, inverse)
    }
}
