import Synchronization

/// A task's identity: a UUID of version 7 (RFC 9562), so that ids sort by the time they were made.
///
/// Ids made by one process are strictly increasing: within a millisecond the 12 bits after the version count up.
public struct TaskID: Hashable, Sendable {
    /// The first eight bytes: 48 bits of milliseconds, the version, 12 bits of counter.
    public let high: UInt64
    /// The last eight bytes: the variant and 62 random bits.
    public let low: UInt64

    /// Makes an id from its two halves, as a store keeps them.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Makes a new id, later than any that this process made before.
    public init() {
        self = TaskID.make(at: .now)
    }

    /// Makes a new id for a given time; ids still increase if the clock stands still or goes back.
    static func make(at time: Timestamp) -> TaskID {
        let position = lastPosition.withLock { last in
            let now = UInt64(clamping: time.rawValue) & 0xFFFF_FFFF_FFFF
            // Milliseconds and counter are one number: a full counter carries into the next millisecond.
            last = max(last + 1, now << 12)
            return last
        }
        let high = (position >> 12) << 16 | 0x7000 | (position & 0xFFF)
        return TaskID(high: high, low: UInt64.random(in: .min ... .max) >> 2 | 0x8000_0000_0000_0000)
    }

    private static let lastPosition = Mutex<UInt64>(0)
}

extension TaskID {
    /// Hashes the random half, which tells ids apart well enough at half the cost.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(low)
    }
}

extension TaskID: Comparable {
    /// Earlier ids come first.
    public static func < (left: TaskID, right: TaskID) -> Bool {
        left.high == right.high ? left.low < right.low : left.high < right.high
    }
}

extension TaskID: LosslessStringConvertible {
    /// Reads the 36 characters of a UUID, in either case; nil for anything else.
    public init?(_ text: String) {
        guard text.utf8.count == 36 else { return nil }
        var words: (UInt64, UInt64) = (0, 0)
        var digits = 0
        for (offset, byte) in text.utf8.enumerated() {
            if TaskID.dashes.contains(offset) {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard let digit = Character(UnicodeScalar(byte)).hexDigitValue else { return nil }
            if digits < 16 {
                words.0 = words.0 << 4 | UInt64(digit)
            } else {
                words.1 = words.1 << 4 | UInt64(digit)
            }
            digits += 1
        }
        self.init(high: words.0, low: words.1)
    }

    /// The 36 characters of the UUID, in lower case.
    public var description: String {
        var characters: [UInt8] = []
        characters.reserveCapacity(36)
        for digit in 0..<32 {
            if digit == 8 || digit == 12 || digit == 16 || digit == 20 { characters.append(UInt8(ascii: "-")) }
            let word = digit < 16 ? high : low
            let nibble = UInt8(truncatingIfNeeded: word >> UInt64(60 - 4 * (digit & 15)) & 15)
            characters.append(nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10)
        }
        return String(decoding: characters, as: UTF8.self)
    }

    private static let dashes: Set<Int> = [8, 13, 18, 23]
}

extension TaskID: Codable {
    /// Reads the id from its string form.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let id = TaskID(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "expected a UUID")
        }
        self = id
    }

    /// Writes the id as a string.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
