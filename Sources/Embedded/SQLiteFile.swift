import Blocking
import GRDB
public import TaskQueue

/// One SQLite file in WAL mode, shared by any number of processes of one machine.
///
/// Writes run one after another on a thread of their own, reads on two others, so the cooperative pool never blocks.
public final class SQLiteFile: Sendable {
    /// What a commit promises.
    public enum Durability: String, Sendable, CaseIterable {
        /// Survives `kill -9` of any process; the last commits may be lost if the machine itself loses power.
        /// The file is never damaged. SQLite's `synchronous = NORMAL`.
        case normal
        /// Survives loss of power too: every commit waits for the disk. SQLite's `synchronous = FULL`.
        case full
    }

    /// The file's path.
    public let path: String
    private let database: DatabasePool
    private let writing = BlockingPool(label: "tq-sqlite-write", threads: 1)
    private let reading = BlockingPool(label: "tq-sqlite-read", threads: 2)
    let clock: StoreClock
    let work: WakeFile
    let done: WakeFile

    /// Opens a file, creating it if there is none.
    /// - Parameters:
    ///   - path: Where it is.
    ///   - durability: What a commit promises.
    ///   - clock: What time it is.
    ///   - busyTimeout: How long a write waits for another process's before it is refused as busy.
    /// - Throws: `StoreError` if it can't be opened or written, or is not a TaskQueue database of a known version.
    public init(
        path: String, durability: Durability = .normal, clock: StoreClock = .wall, busyTimeout: Duration = .seconds(5)
    ) throws(StoreError) {
        self.path = path
        self.clock = clock
        var configuration = Configuration()
        configuration.busyMode = .timeout(busyTimeout.inSeconds)
        configuration.maximumReaderCount = 2
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA synchronous = \(durability.rawValue)")
        }
        do {
            try Self.look(path, configuration)
            let database = try DatabasePool(path: path, configuration: configuration)
            try database.writeWithoutTransaction { db in
                try db.inTransaction(.immediate) {
                    try SQLiteSchema.prepare(db, path: path)
                    return .commit
                }
            }
            self.database = database
            work = try WakeFile(path: path + "-work")
            done = try WakeFile(path: path + "-done")
        } catch {
            throw StoreError(sqlite: error, doing: "open", path: path)
        }
    }

    /// Looks at a file before it is opened for writing, which would turn on write-ahead logging in somebody else's.
    private static func look(_ path: String, _ configuration: Configuration) throws {
        var configuration = configuration
        configuration.readonly = true
        // What can't be read fails again when it is opened, and says more then.
        guard let database = try? DatabaseQueue(path: path, configuration: configuration) else { return }
        do {
            try database.read { _ = try SQLiteSchema.check($0, path: path) }
        } catch is DatabaseError {}
    }

    /// Runs one transaction that takes the write lock at its start.
    func write<Value: Sendable>(
        _ what: String, _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(StoreError) -> Value {
        try await writing.run { [database, path] () throws(StoreError) in
            do {
                return try database.writeWithoutTransaction { db in
                    var value: Value?
                    try db.inTransaction(.immediate) {
                        value = try body(db)
                        return .commit
                    }
                    guard let value else { throw StoreError(.incompatible, "\(path): a transaction gave no answer") }
                    return value
                }
            } catch {
                throw StoreError(sqlite: error, doing: what, path: path)
            }
        }
    }

    /// Runs one read of a consistent snapshot.
    func read<Value: Sendable>(
        _ what: String, _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(StoreError) -> Value {
        try await reading.run { [database, path] () throws(StoreError) in
            do {
                return try database.read(body)
            } catch {
                throw StoreError(sqlite: error, doing: what, path: path)
            }
        }
    }
}
