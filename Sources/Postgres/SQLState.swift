/// The five characters by which PostgreSQL says what went wrong (PostgreSQL manual, appendix A).
public struct SQLState: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The five characters.
    public let rawValue: String

    /// Takes a code as the server sent it.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// The first two characters: the kind of trouble.
    public var kind: String { String(rawValue.prefix(2)) }

    /// The five characters.
    public var description: String { rawValue }

    /// The transaction may not write.
    public static let readOnly = SQLState(rawValue: "25006")
    /// The disk is full.
    public static let diskFull = SQLState(rawValue: "53100")
    /// All of the server's connections are taken.
    public static let tooManyConnections = SQLState(rawValue: "53300")
    /// The statement was cancelled, or took longer than `statement_timeout`.
    public static let queryCanceled = SQLState(rawValue: "57014")
    /// A lock could not be had at once, or within `lock_timeout`.
    public static let lockNotAvailable = SQLState(rawValue: "55P03")
    /// Two waited for each other, and this one had to give way.
    public static let deadlockDetected = SQLState(rawValue: "40P01")
    /// A row with this key is there.
    public static let uniqueViolation = SQLState(rawValue: "23505")
    /// A row breaks a rule of its table.
    public static let checkViolation = SQLState(rawValue: "23514")
    /// There is no such table.
    public static let undefinedTable = SQLState(rawValue: "42P01")
    /// There is no such column.
    public static let undefinedColumn = SQLState(rawValue: "42703")
    /// There is such a table.
    public static let duplicateTable = SQLState(rawValue: "42P07")
}
