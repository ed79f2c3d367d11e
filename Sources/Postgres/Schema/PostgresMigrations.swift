/// Numbered steps that bring a part of a database from empty to what a program needs.
///
/// Append only: step n brings version n - 1 to n, and a step that was shipped never changes. A table of the database
/// remembers the version of each part.
public struct PostgresMigrations: Sendable {
    /// The part's name in the table of versions.
    public let part: String
    private let steps: [String]
    private let table: String

    /// Describes a part.
    /// - Parameters:
    ///   - part: Its name.
    ///   - steps: SQL scripts, the first for an empty database.
    ///   - table: The table of versions, made if it is not there; shared by all parts.
    public init(part: String, steps: [String], table: String) {
        self.part = part
        self.steps = steps
        self.table = table
    }

    /// The version that this program needs.
    public var version: Int { steps.count }

    /// The version that the database has; 0 if it has none of it.
    public func version(on connection: PostgresConnection) throws(PostgresError) -> Int {
        let isThere = try connection.execute("SELECT to_regclass($1) IS NOT NULL", [.text(table)])
        guard try isThere.first?.bool(0) == true else { return 0 }
        let rows = try connection.execute(
            PostgresStatement("SELECT version FROM \(table) WHERE part = $1"), [.text(part)])
        return Int(try rows.first?.int4(0) ?? 0)
    }

    /// Takes the steps that are missing, each in a transaction; others who try at the same time wait their turn.
    /// - Returns: The version before.
    public func migrate(on connection: PostgresConnection) throws(PostgresError) -> Int {
        var first: Int?
        while true {
            let found = try connection.transaction { (connection) throws(PostgresError) in
                // Released by the end of the transaction, whatever that is.
                try connection.execute("SELECT pg_advisory_xact_lock(hashtext($1))", [.text(table)])
                let found = try version(on: connection)
                if found < version { try take(step: found, on: connection) }
                return found
            }
            if first == nil { first = found }
            if found + 1 >= version { return first ?? found }
        }
    }

    private func take(step: Int, on connection: PostgresConnection) throws(PostgresError) {
        try connection.script(
            """
            CREATE TABLE IF NOT EXISTS \(table) (
                part text PRIMARY KEY, version integer NOT NULL, migrated_at timestamptz NOT NULL DEFAULT now())
            """)
        try connection.script(steps[step])
        try connection.execute(
            PostgresStatement(
                """
                INSERT INTO \(table) (part, version) VALUES ($1, $2)
                ON CONFLICT (part) DO UPDATE SET version = excluded.version, migrated_at = now()
                """),
            [.text(part), .int4(Int32(step + 1))])
    }
}
