/// Reads protocol buffers' wire format without copying; every length is checked against what is there.
struct ProtobufReader {
    enum Value {
        case number(UInt64)
        case bytes(ArraySlice<UInt8>)
        case fixed32(UInt32)
        case fixed64(UInt64)
    }

    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) {
        rest = bytes
    }

    /// The next field's number and value; nil at the end.
    mutating func next() throws(InferenceError) -> (field: UInt64, value: Value)? {
        guard !rest.isEmpty else { return nil }
        let tag = try varint()
        switch tag & 7 {
        case 0: return (tag >> 3, .number(try varint()))
        case 1: return (tag >> 3, .fixed64(try take(8).littleEndian()))
        case 2: return (tag >> 3, .bytes(try take(Int(clamping: try varint()))))
        case 5: return (tag >> 3, .fixed32(UInt32(truncatingIfNeeded: try take(4).littleEndian())))
        default: throw InferenceError(.modelCorrupt, "the model file is damaged: unknown wire type \(tag & 7)")
        }
    }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func varint() throws(InferenceError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while shift < 64, let byte = rest.popFirst() {
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return value }
            shift += 7
        }
        throw InferenceError(.modelCorrupt, "the model file is cut short or damaged")
    }

    private mutating func take(_ count: Int) throws(InferenceError) -> ArraySlice<UInt8> {
        guard count <= rest.count else {
            throw InferenceError(.modelCorrupt, "the model file is cut short or damaged")
        }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }
}

extension ArraySlice<UInt8> {
    /// Up to eight bytes as a number, least significant first.
    func littleEndian() -> UInt64 {
        reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Little-endian 32-bit floating-point numbers; bytes left over are dropped.
    func floats() -> [Float] {
        withUnsafeBytes { bytes in
            (0..<bytes.count / 4).map { index in
                Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)))
            }
        }
    }

    /// Little-endian 64-bit whole numbers; bytes left over are dropped.
    func integers() -> [Int] {
        withUnsafeBytes { bytes in
            (0..<bytes.count / 8).map { index in
                Int(Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: index * 8, as: Int64.self)))
            }
        }
    }
}

extension ProtobufReader.Value {
    func bytes() throws(InferenceError) -> ArraySlice<UInt8> {
        guard case .bytes(let bytes) = self else {
            throw InferenceError(.modelCorrupt, "the model file is damaged: a field has the wrong type")
        }
        return bytes
    }

    func text() throws(InferenceError) -> String {
        String(decoding: try bytes(), as: UTF8.self)
    }

    /// A number, signed as ONNX means it.
    func integer() throws(InferenceError) -> Int {
        guard case .number(let number) = self else {
            throw InferenceError(.modelCorrupt, "the model file is damaged: a field has the wrong type")
        }
        return Int(truncatingIfNeeded: number)
    }

    func float() throws(InferenceError) -> Float {
        guard case .fixed32(let bits) = self else {
            throw InferenceError(.modelCorrupt, "the model file is damaged: a field has the wrong type")
        }
        return Float(bitPattern: bits)
    }

    /// Whole numbers, packed into one field or one of many fields.
    func integers() throws(InferenceError) -> [Int] {
        guard case .bytes(let bytes) = self else { return [try integer()] }
        var reader = ProtobufReader(bytes)
        var numbers: [Int] = []
        while !reader.isAtEnd { numbers.append(Int(truncatingIfNeeded: try reader.varint())) }
        return numbers
    }

    /// Floating-point numbers, packed into one field or one of many fields.
    func floats() throws(InferenceError) -> [Float] {
        guard case .bytes(let bytes) = self else { return [try float()] }
        return bytes.floats()
    }
}
