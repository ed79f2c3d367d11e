/// One value of a row, of whichever type its column has.
public enum PostgresValue: Sendable {
    /// Nothing.
    case null
    /// A `uuid`, given as its two halves.
    case uuid(UInt64, UInt64)
    /// An `int8`, or a `timestamptz` in PostgreSQL's own microseconds.
    case int8(Int64)
    /// An `int4`.
    case int4(Int32)
    /// A `text`; zero bytes, which it can't hold, become question marks.
    case text(String)
    /// A `jsonb`, given as JSON text in UTF-8.
    case json([UInt8])
    /// A `bytea`.
    case bytes([UInt8])
}

extension BinaryFields {
    mutating func field(_ value: PostgresValue) {
        switch value {
        case .null: null()
        case .uuid(let high, let low): uuid(high, low)
        case .int8(let integer): field(integer)
        case .int4(let integer): field(integer)
        case .text(let text): field(text)
        case .json(let text): jsonb(text)
        case .bytes(let bytes): field(bytes)
        }
    }
}
