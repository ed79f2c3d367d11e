/// A type of PostgreSQL, by its number in the catalogue.
public struct PostgresType: Hashable, Sendable {
    /// The type's object id.
    public let oid: UInt32
    /// The object id of arrays of it.
    public let arrayOID: UInt32

    /// `boolean`: one byte.
    public static let bool = PostgresType(oid: 16, arrayOID: 1000)
    /// `bytea`.
    public static let bytes = PostgresType(oid: 17, arrayOID: 1001)
    /// `bigint`: eight bytes.
    public static let int8 = PostgresType(oid: 20, arrayOID: 1016)
    /// `integer`: four bytes.
    public static let int4 = PostgresType(oid: 23, arrayOID: 1007)
    /// `text`: UTF-8 without zero bytes.
    public static let text = PostgresType(oid: 25, arrayOID: 1009)
    /// `double precision`: eight bytes.
    public static let double = PostgresType(oid: 701, arrayOID: 1022)
    /// `timestamptz`: microseconds since 2000-01-01 UTC in eight bytes.
    public static let time = PostgresType(oid: 1184, arrayOID: 1185)
    /// `uuid`: sixteen bytes.
    public static let uuid = PostgresType(oid: 2950, arrayOID: 2951)
    /// `jsonb`: a version byte and text.
    public static let jsonb = PostgresType(oid: 3802, arrayOID: 3807)
}
