/// The value of a node's attribute; subgraphs and the rarer kinds are read as `other`.
enum OnnxAttribute: Sendable {
    case float(Float)
    case integer(Int)
    case string(String)
    case tensor(OnnxTensor)
    case floats([Float])
    case integers([Int])
    case other

    static func parse(
        _ message: ProtobufReader, folder: String?
    ) throws(InferenceError) -> (name: String, value: OnnxAttribute) {
        var reader = message
        var name = ""
        var single: OnnxAttribute = .other
        var floats = [Float]()
        var integers = [Int]()
        var type: UInt64 = 0
        while let (field, wire) = try reader.next() {
            switch (field, wire) {
            case (1, .bytes): name = try reader.string()
            case (2, .fixed32): single = .float(Float(bitPattern: try reader.fixed32()))
            case (3, .varint): single = .integer(Int(truncatingIfNeeded: try reader.varint()))
            case (4, .bytes): single = .string(try reader.string())
            case (5, .bytes): single = .tensor(try OnnxTensorParser.parse(try reader.message(), folder: folder))
            case (7, _): try reader.floats(wire, into: &floats)
            case (8, _): try reader.integers(wire, into: &integers)
            case (20, .varint): type = try reader.varint()
            default: try reader.skip(wire)
            }
        }
        // An empty list and a zero are not written out: only the type tells them apart.
        switch (type, single) {
        case (6, _): return (name, .floats(floats))
        case (7, _): return (name, .integers(integers))
        case (1, .other): return (name, .float(0))
        case (2, .other): return (name, .integer(0))
        case (3, .other): return (name, .string(""))
        case (0, .other) where !integers.isEmpty: return (name, .integers(integers))
        case (0, .other) where !floats.isEmpty: return (name, .floats(floats))
        default: return (name, single)
        }
    }
}
