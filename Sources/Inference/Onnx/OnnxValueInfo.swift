/// A declared input or output of a graph.
struct OnnxValueInfo: Sendable {
    var name = ""
    /// Sizes of the dimensions, nil where any size fits; nil as a whole when no shape is declared.
    var shape: [Int?]?

    static func parse(_ message: ProtobufReader) throws(InferenceError) -> OnnxValueInfo {
        var reader = message
        var info = OnnxValueInfo()
        while let (field, wire) = try reader.next() {
            switch (field, wire) {
            case (1, .bytes): info.name = try reader.string()
            case (2, .bytes):
                if let tensor = try reader.message().nested(1), let shape = try tensor.nested(2) {
                    info.shape = try dimensions(shape)
                }
            default: try reader.skip(wire)
            }
        }
        return info
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
