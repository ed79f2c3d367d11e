/// Reads big-endian numbers and runs of bytes; nil where there are too few.
struct BigEndianReader {
    private(set) var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) {
        rest = bytes[...]
    }

    mutating func number(_ count: Int) -> Int64? {
        take(count)?.reduce(into: Int64(0)) { $0 = $0 << 8 | Int64($1) }
    }

    mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count <= rest.count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
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
}
