internal import TaskQueue

/// Reads big-endian numbers and runs of bytes; nil where there are too few.
struct BigEndianReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// What has not been read.
    var rest: ArraySlice<UInt8> { bytes[position...] }

    mutating func number(_ count: Int) -> Int64? {
        guard count <= bytes.count - position else { return nil }
        var number: Int64 = 0
        for index in position..<position + count { number = number << 8 | Int64(bytes[index]) }
        position += count
        return number
    }

    mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count <= bytes.count - position else { return nil }
        defer { position += count }
        return bytes[position..<position + count]
    }
}

extension [UInt8] {
    /// Appends the lowest `count` bytes of a number, most significant first.
    mutating func append(bigEndian number: Int64, _ count: Int) {
        for place in stride(from: 8 * (count - 1), through: 0, by: -8) {
            append(UInt8(truncatingIfNeeded: number >> Int64(place)))
        }
    }

    /// Appends a duration or point in time as six bytes of milliseconds, none below zero.
    mutating func append(milliseconds: Int64) {
        append(bigEndian: Swift.min(Swift.max(milliseconds, 0), 1 << 47), 6)
    }

    /// Appends the sixteen bytes of an id.
    mutating func append(_ id: TaskID) {
        append(bigEndian: Int64(bitPattern: id.high), 8)
        append(bigEndian: Int64(bitPattern: id.low), 8)
    }
}
