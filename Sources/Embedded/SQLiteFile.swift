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

    /// How long a write waits for another process's before it is refused as busy.
    private static let busySeconds = 5.0

    /// Opens a file, creating it if there is none.
    /// - Throws: `StoreError` if it can't be opened or written, or is not a TaskQueue database of a known version.
    public init(path: String, durability: Durability = .normal, clock: StoreClock = .wall) throws(StoreError) {
        self.path = path
        self.clock = clock
        var configuration = Configuration()
        configuration.busyMode = .timeout(Self.busySeconds)
        configuration.maximumReaderCount = 2
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA synchronous = \(durability.rawValue)")
        }
        do {
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

extension StoreError {
    /// Says in our words what SQLite says in numbers.
    init(sqlite error: any Error, doing what: String, path: String) {
        if let error = error as? StoreError {
            self = error
            return
        }
        guard let error = error as? DatabaseError else {
            self.init(.unavailable, "\(path): could not \(what): \(error)")
            return
        }
        let (code, advice): (Code, String) =
            switch error.resultCode.primaryResultCode {
            case .SQLITE_BUSY, .SQLITE_LOCKED: (.busy, "another process holds the write lock; nothing was changed")
            case .SQLITE_FULL: (.full, "the disk is full; nothing was changed; make room and it goes on")
            case .SQLITE_READONLY, .SQLITE_PERM:
                (.readOnly, "the file or its folder can't be written; check owner and mode")
            case .SQLITE_NOTADB: (.incompatible, "the file is not an SQLite database; name another file")
            case .SQLITE_CORRUPT:
                (.incompatible, "the file is damaged; restore it, or try sqlite3's .recover on a copy")
            case .SQLITE_CANTOPEN: (.unavailable, "check that the folder exists and may be written")
            case .SQLITE_IOERR: (.unavailable, "the disk reports an error; nothing was changed")
            default: (.unavailable, "SQLite error \(error.extendedResultCode.rawValue)")
            }
        // SQLite's own message names tables and columns, never values; GRDB's would add the arguments.
        self.init(code, "\(path): could not \(what): \(error.message ?? "no message"); \(advice)")
    }
}
