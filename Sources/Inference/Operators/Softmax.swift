#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Softmax and LogSoftmax along an axis; before operator set 13, over all dimensions from the axis on.
struct Softmax: Operator {
    static let types = ["Softmax", "LogSoftmax"]

    private let axis: Int
    private let flattens: Bool
    private let isLogarithm: Bool

    static func prepare(_ node: NodeContext) throws(InferenceError) -> any Operator {
        let flattens = node.opset < 13
        return Softmax(
            axis: try node.integer("axis", default: flattens ? 1 : -1), flattens: flattens,
            isLogarithm: node.node.type == "LogSoftmax")
    }

    func run(_ call: Invocation) throws(InferenceError) -> [Tensor] {
        let input = try call.inRowMajor(try call.floats(0))
        let shape = input.shape
        guard let axis = Shape.axis(axis, rank: shape.count) else {
            throw call.mismatch("axis \(axis) is not in the shape \(shape)")
        }
        let result = try call.output(shape)
        guard input.count > 0 else { return [result] }
        let inner = flattens ? 1 : shape[(axis + 1)...].reduce(1, *)
        let length = flattens ? shape[axis...].reduce(1, *) : shape[axis]
        for outer in 0..<input.count / (inner * length) {
            for position in 0..<inner {
                let start = outer * inner * length + position
                normalise(input.pointer() + start, result.pointer() + start, length, inner)
            }
        }
        return [result]
    }

    /// The greatest element is subtracted first, so that no exponential overflows.
    private func normalise(
        _ from: UnsafeMutablePointer<Float>, _ to: UnsafeMutablePointer<Float>, _ length: Int, _ step: Int
    ) {
        var greatest = -Float.infinity
        for index in 0..<length { greatest = max(greatest, from[index * step]) }
        var sum: Float = 0
        for index in 0..<length {
            let power = expf(from[index * step] - greatest)
            to[index * step] = power
            sum += power
        }
        if isLogarithm {
            let logarithm = logf(sum)
            for index in 0..<length { to[index * step] = from[index * step] - greatest - logarithm }
        } else {
            for index in 0..<length { to[index * step] /= sum }
        }
    }
}
