import TaskQueue

/// Finds the members of JSON objects and the elements of arrays without decoding them.
///
/// A batch of a thousand inputs is cut into its inputs, and each is decoded once, as its task's input. Strings and
/// numbers inside are passed over, not judged; whoever decodes a slice does that.
struct JSONSlices {
    private let bytes: [UInt8]
    private var position = 0

    /// Deeper nesting is refused, as the decoder does.
    private static let depthMax = 128

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The members of the object that all of the bytes are, each value as a range; of a name twice the last counts.
    static func members(of bytes: [UInt8]) throws(PayloadError) -> [String: Range<Int>] {
        var slices = JSONSlices(bytes)
        let members = try slices.members()
        slices.skipBlanks()
        guard slices.position == bytes.count else { throw malformed }
        return members
    }

    /// The elements of an array within the bytes.
    static func elements(of bytes: [UInt8], in range: Range<Int>) throws(PayloadError) -> [Range<Int>] {
        var slices = JSONSlices(bytes)
        slices.position = range.lowerBound
        return try slices.elements()
    }

    /// The members of an object within the bytes.
    static func members(of bytes: [UInt8], in range: Range<Int>) throws(PayloadError) -> [String: Range<Int>] {
        var slices = JSONSlices(bytes)
        slices.position = range.lowerBound
        return try slices.members()
    }

    private static let malformed = PayloadError(field: "", problem: "is not valid JSON")

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipBlanks() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private mutating func take(_ character: Character) -> Bool {
        skipBlanks()
        guard current == character.asciiValue else { return false }
        position += 1
        return true
    }

    private mutating func members() throws(PayloadError) -> [String: Range<Int>] {
        guard take("{") else { throw PayloadError(field: "", problem: "is not an object") }
        var members: [String: Range<Int>] = [:]
        guard !take("}") else { return members }
        repeat {
            skipBlanks()
            let name = try string()
            guard take(":") else { throw Self.malformed }
            members[name] = try value()
        } while take(",")
        guard take("}") else { throw Self.malformed }
        return members
    }

    private mutating func elements() throws(PayloadError) -> [Range<Int>] {
        guard take("[") else { throw PayloadError(field: "", problem: "is not an array") }
        var elements: [Range<Int>] = []
        guard !take("]") else { return elements }
        repeat { elements.append(try value()) } while take(",")
        guard take("]") else { throw Self.malformed }
        return elements
    }

    private mutating func string() throws(PayloadError) -> String {
        let start = position
        try skipString()
        let slice = bytes[start..<position]
        if !slice.contains(UInt8(ascii: "\\")) {
            return String(decoding: slice.dropFirst().dropLast(), as: UTF8.self)
        }
        return try PayloadCodec.decode(String.self, from: Array(slice))
    }

    private mutating func skipString() throws(PayloadError) {
        guard current == UInt8(ascii: "\"") else { throw Self.malformed }
        position += 1
        while let byte = current, byte != UInt8(ascii: "\"") {
            position += byte == UInt8(ascii: "\\") ? 2 : 1
        }
        guard current != nil else { throw Self.malformed }
        position += 1
    }

    /// Passes over one value of any kind.
    private mutating func value() throws(PayloadError) -> Range<Int> {
        skipBlanks()
        let start = position
        var depth = 0
        repeat {
            guard let byte = current else { throw Self.malformed }
            switch byte {
            case UInt8(ascii: "\""): try skipString()
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                position += 1
                guard depth <= Self.depthMax else {
                    throw PayloadError(field: "", problem: "is nested deeper than \(Self.depthMax)")
                }
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                guard depth > 0 else { throw Self.malformed }
                depth -= 1
                position += 1
            case UInt8(ascii: ","), UInt8(ascii: ":"):
                guard depth > 0 else { throw Self.malformed }
                position += 1
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: skipScalar()
            }
        } while depth > 0
        return start..<position
    }

    private mutating func skipScalar() {
        let ends: [UInt8] = [0x20, 0x0A, 0x0D, 0x09, 0x2C, 0x3A, 0x5B, 0x5D, 0x7B, 0x7D, 0x22]
        repeat { position += 1 } while current.map { !ends.contains($0) } == true
    }
}
