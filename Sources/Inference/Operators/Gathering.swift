/// Gather: slices along an axis, picked by index.
struct Gathering: Operator {
    static let types = ["Gather"]

    private let axis: Int

    static func prepare(_ node: NodeContext) throws(InferenceError) -> any Operator {
        Gathering(axis: try node.integer("axis", default: 0))
    }

    var arithmetic: Arithmetic { .anyElement }

    func run(_ call: Invocation) throws(InferenceError) -> [Tensor] {
        let (input, picked) = (try call.rowMajor(0), try call.input(1))
        guard let axis = Shape.axis(axis, rank: input.shape.count), picked.type == .int64 || picked.type == .int32
        else { throw call.mismatch("axis \(axis) is not in the shape \(input.shape), or its indices are no integers") }
        let length = input.shape[axis]
        let shape = Array(input.shape[..<axis]) + picked.shape + Array(input.shape[(axis + 1)...])
        let result = try call.output(shape, input.type)
        let inner = input.shape[(axis + 1)...].reduce(input.type.size, *)
        let outer = input.shape[..<axis].reduce(1, *)
        var target = result.storage.start
        let indices = picked.elements(as: Int64.self)
        for index in indices where index < -length || index >= length {
            throw call.mismatch("index \(index) is not within \(length)")
        }
        for start in 0..<outer where inner > 0 {
            for index in indices {
                let place = start * length + (index < 0 ? Int(index) + length : Int(index))
                target.copyMemory(from: input.storage.start + place * inner, byteCount: inner)
                target += inner
            }
        }
        return [result]
    }
}
