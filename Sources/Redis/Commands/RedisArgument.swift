/// One word of a command: text, bytes or a number.
public enum RedisArgument: Hashable, Sendable {
    /// Text, sent as UTF-8.
    case string(String)
    /// Bytes, sent as they are.
    case bytes([UInt8])
    /// A number, sent in decimal.
    case integer(Int64)

    /// Takes any whole number.
    public init(_ number: some BinaryInteger) { self = .integer(Int64(clamping: number)) }

    /// The bytes this argument is on the wire.
    var wireBytes: [UInt8] {
        switch self {
        case .string(let text): Array(text.utf8)
        case .bytes(let bytes): bytes
        case .integer(let number): Array(String(number).utf8)
        }
    }

    /// The text of a command's name; bytes have none.
    var text: String? {
        if case .string(let text) = self { text } else { nil }
    }
}

extension RedisArgument: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
    /// A literal text.
    public init(stringLiteral value: String) { self = .string(value) }

    /// A literal number.
    public init(integerLiteral value: Int64) { self = .integer(value) }
}
