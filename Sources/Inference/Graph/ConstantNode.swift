/// The value of a Constant node.
enum ConstantNode {
    static func value(_ context: NodeContext) throws(InferenceError) -> OnnxTensor {
        for (name, attribute) in context.node.attributes {
            switch (name, attribute) {
            case ("value", .tensor(let tensor)): return tensor
            case ("value_float", .float(let value)): return made(try Tensor(shape: [], elements: [value]))
            case ("value_floats", .floats(let values)):
                return made(try Tensor(shape: [values.count], elements: values))
            case ("value_int", .integer(let value)): return made(try Tensor(shape: [], elements: [Int64(value)]))
            case ("value_ints", .integers(let values)):
                return made(try Tensor(shape: [values.count], elements: values.map(Int64.init)))
            default: continue
            }
        }
        throw context.unsupported("it holds no tensor and no numbers")
    }

    private static func made(_ tensor: Tensor) -> OnnxTensor {
        OnnxTensor(shape: tensor.shape, type: tensor.type, content: .tensor(tensor))
    }
}
