/// Reads the fields of one protobuf message, never beyond its end.
struct ProtobufReader: Sendable {
    /// How a field's value is encoded.
    enum Wire: UInt64 {
        case varint = 0
        case fixed64 = 1
        case bytes = 2
        case fixed32 = 5
    }

    private let source: ByteSource
    private(set) var position: Int
    let end: Int

    init(_ source: ByteSource) {
        self.init(source, 0..<source.count)
    }

    private init(_ source: ByteSource, _ range: Range<Int>) {
        self.source = source
        position = range.lowerBound
        end = range.upperBound
    }

    /// The next field's number and encoding; nil at the end of the message.
    mutating func next() throws(InferenceError) -> (field: UInt64, wire: Wire)? {
        guard position < end else { return nil }
        let tag = try varint()
        guard let wire = Wire(rawValue: tag & 7), tag >> 3 > 0 else {
            throw corrupt("a field has an unknown encoding")
        }
        return (tag >> 3, wire)
    }

    mutating func varint() throws(InferenceError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while position < end, shift < 64 {
            guard let byte = source.byte(at: position) else { throw corrupt("the file was cut short") }
            position += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw corrupt(shift < 64 ? "a number is cut off" : "a number is too long")
    }

    mutating func fixed32() throws(InferenceError) -> UInt32 {
        UInt32(truncatingIfNeeded: try fixed(4))
    }

    mutating func fixed64() throws(InferenceError) -> UInt64 {
        try fixed(8)
    }

    /// A nested message, a string or packed numbers.
    mutating func message() throws(InferenceError) -> ProtobufReader {
        let length = try varint()
        guard length <= UInt64(end - position) else { throw corrupt("a field is longer than what holds it") }
        let start = position
        position += Int(length)
        return ProtobufReader(source, start..<position)
    }

    mutating func string() throws(InferenceError) -> String {
        String(decoding: try message().bytes(), as: UTF8.self)
    }

    mutating func skip(_ wire: Wire) throws(InferenceError) {
        switch wire {
        case .varint: _ = try varint()
        case .fixed64: _ = try fixed(8)
        case .bytes: _ = try message()
        case .fixed32: _ = try fixed(4)
        }
    }

    /// Throws unless the field is encoded as expected.
    func expect(_ wire: Wire, _ expected: Wire) throws(InferenceError) {
        guard wire == expected else { throw corrupt("a field is not encoded as ONNX says") }
    }

    /// Bytes not read yet.
    var count: Int { end - position }

    /// Copies the bytes not read yet.
    func copy(to target: UnsafeMutableRawPointer) throws(InferenceError) {
        guard source.copy(position..<end, to: target) else { throw corrupt("the file was cut short") }
    }

    /// A copy of the bytes not read yet.
    func bytes() throws(InferenceError) -> [UInt8] {
        var isWhole = true
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = count
            if let start = buffer.baseAddress { isWhole = source.copy(position..<end, to: start) }
            if !isWhole { filled = 0 }
        }
        guard isWhole else { throw corrupt("the file was cut short") }
        return bytes
    }

    /// A StringStringEntryProto: a key and a value.
    func entry() throws(InferenceError) -> (key: String, value: String) {
        var reader = self
        var (key, value) = ("", "")
        while let (field, wire) = try reader.next() {
            switch (field, wire) {
            case (1, .bytes): key = try reader.string()
            case (2, .bytes): value = try reader.string()
            default: try reader.skip(wire)
            }
        }
        return (key, value)
    }

    func corrupt(_ cause: String) -> InferenceError {
        InferenceError(
            .modelCorrupt, what: "The model file cannot be read", place: "byte \(position)", cause: cause,
            remedy: "Fetch or export the model again")
    }

    private mutating func fixed(_ count: Int) throws(InferenceError) -> UInt64 {
        guard end - position >= count else { throw corrupt("a number is cut off") }
        var value: UInt64 = 0
        for index in 0..<count {
            guard let byte = source.byte(at: position + index) else { throw corrupt("the file was cut short") }
            value |= UInt64(byte) << UInt64(8 * index)
        }
        position += count
        return value
    }
}
