/// Reads a TensorProto.
struct OnnxTensorParser {
    private var name = ""
    private var shape = [Int]()
    private var kind: UInt64 = 0
    private var floats = [Float]()
    private var doubles = [Double]()
    private var integers = [Int]()
    private var raw: ProtobufReader?
    private var external: [String: String] = [:]
    private var isExternal = false

    /// Reads one; `folder` is where its external data would lie, nil when the model does not come from a file.
    static func parse(_ message: ProtobufReader, folder: String?) throws(InferenceError) -> OnnxTensor {
        var parser = OnnxTensorParser()
        try parser.read(message)
        return try parser.tensor(message, folder)
    }

    private mutating func read(_ message: ProtobufReader) throws(InferenceError) {
        var reader = message
        while let (field, wire) = try reader.next() {
            switch (field, wire) {
            case (1, _): try reader.integers(wire, into: &shape)
            case (2, .varint): kind = try reader.varint()
            case (4, _): try reader.floats(wire, into: &floats)
            case (5, _), (7, _), (11, _): try reader.integers(wire, into: &integers)
            case (8, .bytes): name = try reader.string()
            case (9, .bytes): raw = try reader.message()
            case (10, _): try reader.doubles(wire, into: &doubles)
            case (13, .bytes):
                let (key, value) = try reader.message().entry()
                external[key] = value
            case (14, .varint): isExternal = try reader.varint() != 0
            default: try reader.skip(wire)
            }
        }
    }

    private func tensor(_ message: ProtobufReader, _ folder: String?) throws(InferenceError) -> OnnxTensor {
        guard let type = Int(exactly: kind).flatMap(ElementType.init(rawValue:)) else {
            throw InferenceError(
                .unsupportedOperator, what: "A constant of the model is not supported",
                place: "constant \(name.excerpt)", cause: "its element type is number \(kind) of ONNX",
                remedy:
                    "Export with elements of these types: \(ElementType.allCases.map { "\($0)" }.joined(separator: ", "))"
            )
        }
        let count = try Shape.count(shape, place: "constant \(name.excerpt)")
        if isExternal {
            let data = try ExternalData(external, folder: folder, place: "constant \(name.excerpt)")
            return OnnxTensor(name: name, shape: shape, type: type, content: .external(data))
        }
        if let raw {
            guard raw.count == count * type.size else {
                throw message.corrupt("constant \(name.excerpt) of shape \(shape) has \(raw.count) bytes")
            }
            return OnnxTensor(name: name, shape: shape, type: type, content: .bytes(raw))
        }
        let given = type == .float32 ? floats.count : type == .float64 ? doubles.count : integers.count
        guard given == count else {
            throw message.corrupt("constant \(name.excerpt) of shape \(shape) has \(given) elements")
        }
        return OnnxTensor(name: name, shape: shape, type: type, content: .tensor(try typed(type)))
    }

    /// The elements of the fields for each kind of number; 16-bit floats are stored there as their bits.
    private func typed(_ type: ElementType) throws(InferenceError) -> Tensor {
        switch type {
        case .float32: return try Tensor(shape: shape, elements: floats)
        case .float64: return try Tensor(shape: shape, elements: doubles)
        case .float16, .bfloat16:
            let bits = integers.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
            return try bits.withUnsafeBytes { bytes in
                Result { () throws(InferenceError) -> Tensor in
                    try Tensor(shape: shape, type: type, copying: bytes)
                }
            }.get()
        default: return try Tensor(shape: shape, elements: integers.map(Int64.init)).converted(to: type)
        }
    }
}
