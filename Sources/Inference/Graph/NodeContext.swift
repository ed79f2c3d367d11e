/// A node while it is prepared, with the constants it may read; every accessor answers with a clear error.
struct NodeContext {
    let node: OnnxNode
    /// Version of the operator set.
    let opset: Int
    let constants: [String: OnnxTensor]

    /// The node as messages name it.
    var place: String { "node \(node.label) of type \(node.type.excerpt)" }

    func hasInput(_ position: Int) -> Bool {
        node.inputs.indices.contains(position) && !node.inputs[position].isEmpty
    }

    func input(_ position: Int) throws(InferenceError) -> String {
        guard hasInput(position) else { throw corrupt("input \(position) is missing") }
        return node.inputs[position]
    }

    func constant(_ position: Int) -> OnnxTensor? {
        hasInput(position) ? constants[node.inputs[position]] : nil
    }

    /// A floating-point input that must be known at load; nil where the node leaves it out.
    func floats(_ position: Int) throws(InferenceError) -> Tensor? {
        guard hasInput(position) else { return nil }
        guard let tensor = constant(position)?.tensor else {
            throw unsupported("input \(position) is not a float32 constant")
        }
        return tensor
    }

    /// An integer input that must be known at load.
    func integers(_ position: Int) throws(InferenceError) -> [Int] {
        guard let integers = constant(position)?.integers else {
            throw unsupported("input \(position) is not an int64 constant")
        }
        return integers
    }

    func integer(_ name: String, default standard: Int) throws(InferenceError) -> Int {
        switch node.attributes[name] {
        case nil: return standard
        case .integer(let value): return value
        default: throw corrupt("attribute \(name) is not an integer")
        }
    }

    func integers(_ name: String) throws(InferenceError) -> [Int]? {
        switch node.attributes[name] {
        case nil: return nil
        case .integers(let values): return values
        default: throw corrupt("attribute \(name) is not a list of integers")
        }
    }

    func float(_ name: String, default standard: Float) throws(InferenceError) -> Float {
        switch node.attributes[name] {
        case nil: return standard
        case .float(let value): return value
        default: throw corrupt("attribute \(name) is not a number")
        }
    }

    func string(_ name: String, default standard: String) throws(InferenceError) -> String {
        switch node.attributes[name] {
        case nil: return standard
        case .string(let value): return value
        default: throw corrupt("attribute \(name) is not a text")
        }
    }

    func corrupt(_ cause: String) -> InferenceError {
        InferenceError(
            .modelCorrupt, what: "The model makes no sense", place: place, cause: cause,
            remedy: "Export the model again")
    }

    func unsupported(_ cause: String) -> InferenceError {
        InferenceError(
            .unsupportedOperator, what: "The model uses a form of an operator that is not supported", place: place,
            cause: cause, remedy: "Export the model without it")
    }
}
