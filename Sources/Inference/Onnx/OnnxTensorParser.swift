/// Reads a TensorProto.
struct OnnxTensorParser {
    /// The element types that are read, by their number in ONNX.
    private enum Kind: UInt64 {
        case float = 1
        case int32 = 6
        case int64 = 7
        case double = 11
    }

    private var name = ""
    private var shape = [Int]()
    private var kind: UInt64 = 0
    private var floats = [Float]()
    private var integers = [Int]()
    private var raw: ProtobufReader?
    private var isExternal = false

    static func parse(_ message: ProtobufReader) throws(InferenceError) -> (name: String, tensor: OnnxTensor) {
        var parser = OnnxTensorParser()
        try parser.read(message)
        return (parser.name, try parser.tensor(message))
    }

    private mutating func read(_ message: ProtobufReader) throws(InferenceError) {
        var reader = message
        while let (field, wire) = try reader.next() {
            switch (field, wire) {
            case (1, _): try reader.integers(wire, into: &shape)
            case (2, .varint): kind = try reader.varint()
            case (4, _): try reader.floats(wire, into: &floats)
            case (5, _), (7, _): try reader.integers(wire, into: &integers)
            case (8, .bytes): name = try reader.string()
            case (9, .bytes): raw = try reader.message()
            case (10, _): try reader.doubles(wire, into: &floats)
            case (14, .varint): isExternal = try reader.varint() != 0
            default: try reader.skip(wire)
            }
        }
    }

    private func tensor(_ message: ProtobufReader) throws(InferenceError) -> OnnxTensor {
        guard !isExternal else {
            throw unsupported("its data lies in another file", remedy: "Export the model with its weights inside")
        }
        guard let kind = Kind(rawValue: kind) else {
            throw unsupported(
                "its element type is number \(kind) of ONNX", remedy: "Export with float32 weights and int64 shapes")
        }
        let elements: OnnxTensor.Elements
        switch kind {
        case .float: elements = .floats(try raw?.rawFloats() ?? floats)
        case .double: elements = .floats(try raw?.rawDoubles() ?? floats)
        case .int32: elements = .integers(try raw?.rawInts() ?? integers)
        case .int64: elements = .integers(try raw?.rawLongs() ?? integers)
        }
        let expected = try Shape.count(shape, place: "constant \(name.excerpt)")
        let actual =
            switch elements {
            case .floats(let values): values.count
            case .integers(let values): values.count
            }
        guard expected == actual else {
            throw message.corrupt("constant \(name.excerpt) of shape \(shape) has \(actual) elements")
        }
        return OnnxTensor(shape: shape, elements: elements)
    }

    private func unsupported(_ cause: String, remedy: String) -> InferenceError {
        InferenceError(
            .unsupportedOperator, what: "A constant of the model is not supported",
            place: "constant \(name.excerpt)", cause: cause, remedy: remedy)
    }
}
