/// A value for one of a statement's `$1`, `$2`, …, in binary.
public struct PostgresParameter: Sendable {
    let oid: UInt32
    let bytes: [UInt8]?

    init(oid: UInt32, bytes: [UInt8]?) {
        self.oid = oid
        self.bytes = bytes
    }

    /// No value of a type.
    public static func null(_ type: PostgresType) -> PostgresParameter {
        PostgresParameter(oid: type.oid, bytes: nil)
    }

    /// A `bigint`.
    public static func int8(_ value: Int64) -> PostgresParameter {
        PostgresParameter(oid: PostgresType.int8.oid, bytes: raw(value))
    }

    /// An `integer`.
    public static func int4(_ value: Int32) -> PostgresParameter {
        PostgresParameter(oid: PostgresType.int4.oid, bytes: raw(value))
    }

    /// A `boolean`.
    public static func bool(_ value: Bool) -> PostgresParameter {
        PostgresParameter(oid: PostgresType.bool.oid, bytes: [value ? 1 : 0])
    }

    /// A `timestamptz`, given in milliseconds since 1970.
    public static func time(milliseconds: Int64) -> PostgresParameter {
        PostgresParameter(oid: PostgresType.time.oid, bytes: raw(PostgresTime.microseconds(milliseconds)))
    }

    /// A `text`; zero bytes, which it can't hold, become question marks.
    public static func text(_ value: String) -> PostgresParameter {
        PostgresParameter(
            oid: PostgresType.text.oid, bytes: value.utf8.map { $0 == 0 ? UInt8(ascii: "?") : $0 })
    }

    /// A `bytea`.
    public static func bytes(_ value: [UInt8]) -> PostgresParameter {
        PostgresParameter(oid: PostgresType.bytes.oid, bytes: value)
    }

    /// A `uuid`, given as its two halves.
    public static func uuid(_ high: UInt64, _ low: UInt64) -> PostgresParameter {
        PostgresParameter(oid: PostgresType.uuid.oid, bytes: raw(high) + raw(low))
    }

    private static func raw(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }
}
