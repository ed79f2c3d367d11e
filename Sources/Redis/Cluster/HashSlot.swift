/// The slot of a cluster that a key belongs to.
///
/// CRC16 in its XMODEM form, modulo 16,384 (Redis Cluster specification, "Key distribution model").
struct HashSlot: Hashable, Sendable {
    /// How many slots a cluster has.
    static let count = 16_384

    /// From 0 up to, not including, ``count``.
    let number: Int

    /// Takes a number that came from a server; nil if there is no such slot.
    init?(number: Int64?) {
        guard let number, (0..<Int64(Self.count)).contains(number) else { return nil }
        self.number = Int(number)
    }

    /// The slot of a key; only the part between the first `{` and the next `}` counts, if there is one.
    init(of key: RedisArgument) {
        number =
            switch key {
            case .string(let text): Self.number(text.utf8)
            case .bytes(let bytes): Self.number(bytes)
            case .integer(let number): Self.number(String(number).utf8)
            }
    }

    private static func number(_ key: some BidirectionalCollection<UInt8>) -> Int {
        guard let start = key.firstIndex(of: UInt8(ascii: "{")) else { return checksum(key) }
        let rest = key[key.index(after: start)...]
        guard let end = rest.firstIndex(of: UInt8(ascii: "}")), end > rest.startIndex else { return checksum(key) }
        return checksum(rest[..<end])
    }

    private static func checksum(_ bytes: some Sequence<UInt8>) -> Int {
        let sum = bytes.reduce(UInt16(0)) { sum, byte in sum << 8 ^ table[Int(UInt8(sum >> 8) ^ byte)] }
        return Int(sum) % count
    }

    private static let table = (0..<256).map { index in
        (0..<8).reduce(UInt16(index) << 8) { sum, _ in sum & 0x8000 == 0 ? sum << 1 : sum << 1 ^ 0x1021 }
    }
}
