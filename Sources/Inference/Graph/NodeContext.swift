/// A node while it is prepared, with the constants it may read; every accessor answers with a clear error.
struct NodeContext {
    let node: OnnxNode
    /// Version of the operator set.
    let opset: Int
    let constants: [String: OnnxTensor]

    /// The node as messages name it.
    var place: String { node.place }

    func hasInput(_ position: Int) -> Bool {
        node.inputs.indices.contains(position) && !node.inputs[position].isEmpty
    }

    /// Whether anybody may read that output.
    func hasOutput(_ position: Int) -> Bool {
        node.outputs.indices.contains(position) && !node.outputs[position].isEmpty
    }

    func input(_ position: Int) throws(InferenceError) -> String {
        guard hasInput(position) else { throw corrupt("input \(position) is missing") }
        return node.inputs[position]
    }

    /// An input that is known at load; nil where it is left out or computed when the model runs.
    func constant(_ position: Int) throws(InferenceError) -> Tensor? {
        hasInput(position) ? try constants[node.inputs[position]]?.tensor() : nil
    }

    /// Whether an input is known at load.
    func isConstant(_ position: Int) -> Bool {
        hasInput(position) && constants[node.inputs[position]] != nil
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

    func flag(_ name: String, default standard: Bool = false) throws(InferenceError) -> Bool {
        try integer(name, default: standard ? 1 : 0) != 0
    }

    func floats(_ name: String) throws(InferenceError) -> [Float]? {
        switch node.attributes[name] {
        case nil: return nil
        case .floats(let values): return values
        default: throw corrupt("attribute \(name) is not a list of numbers")
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
