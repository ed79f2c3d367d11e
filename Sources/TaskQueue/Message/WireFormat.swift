/// Writes fields in protocol buffers' wire format (protobuf.dev, "Encoding").
struct WireWriter {
    private(set) var output: [UInt8] = []

    init(reserving capacity: Int) {
        output.reserveCapacity(capacity)
    }

    mutating func number(_ field: UInt64, _ value: UInt64) {
        varint(field << 3)
        varint(value)
    }

    mutating func bytes(_ field: UInt64, _ value: [UInt8]) {
        varint(field << 3 | 2)
        varint(UInt64(value.count))
        output += value
    }

    mutating func text(_ field: UInt64, _ value: String) {
        varint(field << 3 | 2)
        varint(UInt64(value.utf8.count))
        output.append(contentsOf: value.utf8)
    }

    mutating func duration(_ field: UInt64, _ value: Duration) {
        number(field, UInt64(clamping: value.wholeMilliseconds))
    }

    mutating func due(_ time: DueTime?, after delayField: UInt64, at timeField: UInt64) {
        switch time {
        case .after(let delay): duration(delayField, delay)
        case .at(let time): number(timeField, UInt64(clamping: time.rawValue))
        case nil: break
        }
    }

    private mutating func varint(_ value: UInt64) {
        var rest = value
        while rest > 0x7F {
            output.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        output.append(UInt8(rest))
    }
}

/// Reads fields in protocol buffers' wire format; every length is checked against what is there.
///
/// A field says where its bytes stand and holds none, so that reading one touches no memory but the input's.
struct WireReader {
    struct Field {
        enum Value {
            case number(UInt64)
            case bytes(Range<Int>)
            case other
        }

        let number: UInt64
        let value: Value
        /// Where the whole field stands, tag and all.
        let whole: Range<Int>

        func number(_ name: String) throws(MessageError) -> UInt64 {
            guard case .number(let number) = value else { throw .malformed(field: name) }
            return number
        }

        func duration(_ name: String) throws(MessageError) -> Duration {
            .milliseconds(Int64(clamping: try number(name)))
        }

        func timestamp(_ name: String) throws(MessageError) -> Timestamp {
            Timestamp(rawValue: Int64(clamping: try number(name)))
        }
    }

    private let input: ArraySlice<UInt8>
    private var position: Int

    init(_ bytes: ArraySlice<UInt8>) {
        input = bytes
        position = bytes.startIndex
    }

    /// The next field; nil at the end.
    mutating func next() throws(MessageError) -> Field? {
        guard position < input.endIndex else { return nil }
        let start = position
        let tag = try varint()
        let value: Field.Value
        switch tag & 7 {
        case 0: value = .number(try varint())
        case 1:
            _ = try take(8)
            value = .other
        case 2: value = .bytes(try take(Int(clamping: try varint())))
        case 5:
            _ = try take(4)
            value = .other
        default: throw .malformed(field: "number \(tag >> 3)")
        }
        return Field(number: tag >> 3, value: value, whole: start..<position)
    }

    func bytes(_ field: Field, _ name: String) throws(MessageError) -> ArraySlice<UInt8> {
        guard case .bytes(let range) = field.value else { throw .malformed(field: name) }
        return input[range]
    }

    func text(_ field: Field, _ name: String) throws(MessageError) -> String {
        guard let text = String(validating: try bytes(field, name), as: UTF8.self) else {
            throw .malformed(field: name)
        }
        return text
    }

    func whole(_ field: Field) -> ArraySlice<UInt8> {
        input[field.whole]
    }

    private mutating func varint() throws(MessageError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while position < input.endIndex {
            let byte = input[position]
            position += 1
            guard shift < 64 else { throw .truncated }
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return value }
            shift += 7
        }
        throw .truncated
    }

    private mutating func take(_ count: Int) throws(MessageError) -> Range<Int> {
        guard count <= input.endIndex - position else { throw .truncated }
        defer { position += count }
        return position..<position + count
    }
}
