/// A declared input or output of a graph.
struct OnnxValueInfo: Sendable {
    var name = ""
    /// The value an output really is, set while constants are folded: nodes that only pass a value on are dissolved.
    var source = ""
    /// What the elements are; nil where that is not declared, or is no tensor.
    var type: ElementType?
    /// Sizes of the dimensions, nil where any size fits; nil as a whole when no shape is declared.
    var shape: [Int?]?

    static func parse(_ message: ProtobufReader) throws(InferenceError) -> OnnxValueInfo {
        var reader = message
        var info = OnnxValueInfo()
        while let (field, wire) = try reader.next() {
            switch (field, wire) {
            case (1, .bytes): info.name = try reader.string()
            case (2, .bytes):
                if let tensor = try reader.message().nested(1) { try info.read(tensor) }
            default: try reader.skip(wire)
            }
        }
        return info
    }

    /// Reads a TypeProto.Tensor.
    private mutating func read(_ message: ProtobufReader) throws(InferenceError) {
        var reader = message
        while let (field, wire) = try reader.next() {
            switch (field, wire) {
            case (1, .varint): type = Int(exactly: try reader.varint()).flatMap(ElementType.init(rawValue:))
            case (2, .bytes): shape = try OnnxValueInfo.dimensions(try reader.message())
            default: try reader.skip(wire)
            }
        }
    }

    private static func dimensions(_ message: ProtobufReader) throws(InferenceError) -> [Int?] {
        var reader = message
        var shape = [Int?]()
        while let (field, wire) = try reader.next() {
            guard field == 1, wire == .bytes else {
                try reader.skip(wire)
                continue
            }
            var dimension = try reader.message()
            var size: Int?
            while let (field, wire) = try dimension.next() {
                if field == 1, wire == .varint {
                    size = Int(truncatingIfNeeded: try dimension.varint())
                } else {
                    try dimension.skip(wire)
                }
            }
            // Exporters write 0 or -1 for a size left open.
            shape.append(size.flatMap { $0 > 0 ? $0 : nil })
        }
        return shape
    }
}

extension ProtobufReader {
    /// The last nested message of that field, if there is one.
    fileprivate func nested(_ number: UInt64) throws(InferenceError) -> ProtobufReader? {
        var reader = self
        var found: ProtobufReader?
        while let (field, wire) = try reader.next() {
            if field == number, wire == .bytes {
                found = try reader.message()
            } else {
                try reader.skip(wire)
            }
        }
        return found
    }
}
