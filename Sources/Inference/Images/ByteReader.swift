/// Reads numbers and runs of bytes one after the other, each held against what is left.
struct ByteReader {
    private var rest: ArraySlice<UInt8>
    private let isBigEndian: Bool

    /// Begins `offset` bytes into the slice; past its end nothing is left.
    init(_ bytes: ArraySlice<UInt8>, at offset: Int, isBigEndian: Bool) {
        rest = bytes.dropFirst(max(offset, 0))
        self.isBigEndian = isBigEndian
    }

    /// The next bytes; nil when fewer are left.
    mutating func bytes(_ count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, count <= rest.count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    /// The next number of up to four bytes; nil when fewer are left.
    mutating func number(_ size: Int) -> Int? {
        guard let bytes = bytes(size) else { return nil }
        return isBigEndian ? bytes.reduce(0) { $0 << 8 | Int($1) } : bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
    }
}
