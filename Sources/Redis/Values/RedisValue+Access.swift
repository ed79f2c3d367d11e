extension RedisValue {
    /// True for the null reply.
    public var isNull: Bool { self == .null }

    /// The number, also when it came as a string of digits.
    public var integer: Int64? {
        switch self {
        case .integer(let number): number
        case .bytes, .simple: string.flatMap(Int64.init)
        case .null, .array, .error: nil
        }
    }

    /// The bytes of a binary string or status.
    public var bytes: [UInt8]? {
        switch self {
        case .bytes(let bytes): bytes
        case .simple(let text): Array(text.utf8)
        case .null, .integer, .array, .error: nil
        }
    }

    /// The text of a binary string or status; nil if it is not UTF-8.
    public var string: String? {
        switch self {
        case .bytes(let bytes): String(validating: bytes, as: UTF8.self)
        case .simple(let text): text
        case .null, .integer, .array, .error: nil
        }
    }

    /// The elements of a list.
    public var array: [RedisValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// The number this reply must be.
    public func requireInteger() throws(RedisError) -> Int64 { try require(integer, "a number") }

    /// The bytes this reply must be.
    public func requireBytes() throws(RedisError) -> [UInt8] { try require(bytes, "a string") }

    /// The text this reply must be.
    public func requireString() throws(RedisError) -> String { try require(string, "text in UTF-8") }

    /// The list this reply must be.
    public func requireArray() throws(RedisError) -> [RedisValue] { try require(array, "a list") }

    private func require<Wanted>(_ value: Wanted?, _ wanted: String) throws(RedisError) -> Wanted {
        if let value { return value }
        if case .error(let error) = self { throw RedisError(error, to: "a command") }
        throw RedisError(.unexpectedReply, "the server answered \(kind) where \(wanted) was expected")
    }

    private var kind: String {
        switch self {
        case .null: "null"
        case .integer: "a number"
        case .bytes: "a string"
        case .simple: "a status"
        case .array(let elements): "a list of \(elements.count)"
        case .error: "an error"
        }
    }
}
