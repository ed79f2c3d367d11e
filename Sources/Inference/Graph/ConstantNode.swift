/// The value of a Constant node.
enum ConstantNode {
    static func value(_ context: NodeContext) throws(InferenceError) -> OnnxTensor {
        for (name, attribute) in context.node.attributes {
            switch (name, attribute) {
            case ("value", .tensor(let tensor)): return tensor
            case ("value_float", .float(let value)): return OnnxTensor(shape: [], elements: .floats([value]))
            case ("value_floats", .floats(let values)):
                return OnnxTensor(shape: [values.count], elements: .floats(values))
            case ("value_int", .integer(let value)): return OnnxTensor(shape: [], elements: .integers([value]))
            case ("value_ints", .integers(let values)):
                return OnnxTensor(shape: [values.count], elements: .integers(values))
            default: continue
            }
        }
        throw context.unsupported("it holds no tensor and no numbers")
    }
}
