/// One SQL statement with `$1`, `$2`, … for its values.
public struct PostgresStatement: Hashable, Sendable, ExpressibleByStringLiteral {
    /// The text.
    public let sql: String
    /// Whether each connection parses it once and keeps it.
    ///
    /// One that is planned anew each time may use what its values tell, such as which partitions can be passed over.
    public let isPrepared: Bool

    /// Makes a statement.
    public init(_ sql: String, isPrepared: Bool = true) {
        self.sql = sql
        self.isPrepared = isPrepared
    }

    /// Makes a statement that connections keep.
    public init(stringLiteral sql: String) {
        self.init(sql)
    }
}
