import Logging
import Postgres
import Results
public import TaskQueue
import Tasks

/// The tables that a PostgreSQL database of ours has.
public struct Schema: Sendable {
    private let pool: PostgresPool

    /// Finds the database that settings name.
    /// - Throws: `SettingsError` if they name none.
    public init(_ settings: Settings) throws(SettingsError) {
        let url = try settings.resultsURL.map { url throws(SettingsError) in try StoreURL(url, key: "results.url") }
        guard case .postgres(var configuration) = url else {
            throw SettingsError("results.url names no PostgreSQL database; only such have a schema to migrate")
        }
        configuration.connectionsMax = 1
        // A step may rewrite a large table.
        configuration.timeout = .seconds(24 * 3600)
        pool = PostgresPool(configuration, logger: Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Brings the database to what this program needs; a newer one stays as it is.
    /// - Returns: For each part its version before and after.
    public func migrate() async throws(StoreError) -> [(part: String, from: Int, to: Int)] {
        do throws(PostgresError) {
            let parts = Self.parts
            let found = try await pool.use { (connection) throws(PostgresError) in
                var found: [Int] = []
                for part in parts { found.append(try part.migrate(on: connection)) }
                return found
            }
            return zip(parts, found).map { ($0.part, $1, max($0.version, $1)) }
        } catch {
            throw StoreError(error, "migrate the schema")
        }
    }

    private static let parts = [
        ResultSchema.migrations, PostgresReadingStore.migrations(in: ResultSchema.versionTable),
    ]
}
