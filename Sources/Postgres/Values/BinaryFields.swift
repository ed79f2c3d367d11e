/// Writes values in the format that PostgreSQL sends and receives: a length in four bytes, then the value, both in
/// network order; -1 for null.
///
/// One growing buffer; a batch of thousands of values is one pass over bytes.
struct BinaryFields {
    private(set) var bytes: [UInt8] = []

    init(reserving capacity: Int = 0) {
        bytes.reserveCapacity(capacity)
    }

    mutating func raw(_ integer: some FixedWidthInteger) {
        withUnsafeBytes(of: integer.bigEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func raw(_ more: [UInt8]) {
        bytes.append(contentsOf: more)
    }

    mutating func null() {
        raw(Int32(-1))
    }

    mutating func field(_ integer: some FixedWidthInteger) {
        raw(Int32(truncatingIfNeeded: MemoryLayout.size(ofValue: integer)))
        raw(integer)
    }

    mutating func field(_ text: String) {
        let start = bytes.count
        raw(Int32(0))
        bytes.append(contentsOf: text.utf8)
        // `text` can't hold it, and one such name must not spoil a batch.
        if bytes[(start + 4)...].contains(0) {
            for index in start + 4..<bytes.count where bytes[index] == 0 { bytes[index] = UInt8(ascii: "?") }
        }
        patch(Int32(clamping: bytes.count - start - 4), at: start)
    }

    mutating func field(_ value: [UInt8]) {
        raw(Int32(clamping: value.count))
        bytes.append(contentsOf: value)
    }

    mutating func jsonb(_ text: [UInt8]) {
        raw(Int32(clamping: text.count + 1))
        raw(UInt8(1))
        bytes.append(contentsOf: text)
    }

    mutating func uuid(_ high: UInt64, _ low: UInt64) {
        raw(Int32(16))
        raw(high)
        raw(low)
    }

    mutating func patch(_ number: Int32, at index: Int) {
        let value = UInt32(bitPattern: number)
        for offset in 0..<4 { bytes[index + offset] = UInt8(truncatingIfNeeded: value >> UInt32(24 - 8 * offset)) }
    }
}
