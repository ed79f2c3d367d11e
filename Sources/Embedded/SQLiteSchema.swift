import GRDB
import TaskQueue

/// The tables, and how a file comes to have them.
///
/// A live task is a row of `tasks` and stands in exactly one of `ready`, `scheduled` and `claims`, so that moving it
/// rewrites a few dozen bytes and never the message.
enum SQLiteSchema {
    /// Marks a file as ours ("TQue"), so that somebody else's database is never touched.
    static let applicationID = 0x5451_7565

    /// Append only: step n brings a file from version n to n + 1.
    static let steps: [String] = [
        """
        CREATE TABLE lanes (
            lane INTEGER PRIMARY KEY, queue TEXT NOT NULL, task TEXT NOT NULL, UNIQUE (queue, task)
        );
        CREATE TABLE queues (queue TEXT PRIMARY KEY, paused INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
        CREATE TABLE tasks (
            id BLOB PRIMARY KEY,            -- 16 bytes, UUIDv7: sorted by age
            lane INTEGER NOT NULL,
            rank INTEGER NOT NULL,          -- 9 - priority, so that ascending is most urgent first
            enqueued_ms INTEGER NOT NULL,
            expires_ms INTEGER,
            attempts INTEGER NOT NULL DEFAULT 0,    -- spent and given back: see claims for the running one
            deliveries INTEGER NOT NULL DEFAULT 0,  -- the last delivery's fence
            deaths INTEGER NOT NULL DEFAULT 0,
            cancelled INTEGER NOT NULL DEFAULT 0,
            history TEXT,                   -- JSON, attempts that did not end it
            message BLOB NOT NULL           -- MessageCodec's bytes
        ) WITHOUT ROWID;
        CREATE TABLE ready (
            lane INTEGER NOT NULL,
            suspect INTEGER NOT NULL,       -- two workers or more died holding it: handed out one at a time
            rank INTEGER NOT NULL, id BLOB NOT NULL, PRIMARY KEY (lane, suspect, rank, id)
        ) WITHOUT ROWID;
        CREATE TABLE scheduled (due_ms INTEGER NOT NULL, id BLOB NOT NULL, PRIMARY KEY (due_ms, id)) WITHOUT ROWID;
        CREATE UNIQUE INDEX scheduled_by_id ON scheduled (id);
        CREATE TABLE claims (
            id BLOB PRIMARY KEY, worker TEXT NOT NULL, fence INTEGER NOT NULL, attempt INTEGER NOT NULL,
            claimed_ms INTEGER NOT NULL, progress TEXT
        ) WITHOUT ROWID;
        CREATE TABLE workers (worker TEXT PRIMARY KEY, expires_ms INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE unique_keys (key TEXT PRIMARY KEY, id BLOB NOT NULL, until_ms INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE dead (
            id BLOB PRIMARY KEY, task TEXT NOT NULL, queue TEXT NOT NULL, failure TEXT NOT NULL,
            died_ms INTEGER NOT NULL, message BLOB NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE results (
            id BLOB PRIMARY KEY, task TEXT NOT NULL, queue TEXT NOT NULL, state TEXT NOT NULL,
            attempt INTEGER NOT NULL, max_attempts INTEGER, enqueued_ms INTEGER NOT NULL, started_ms INTEGER,
            finished_ms INTEGER NOT NULL, worker TEXT, fence INTEGER NOT NULL, result BLOB, failure TEXT, history TEXT,
            expires_ms INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX results_by_expiry ON results (expires_ms);
        """,
        // How long the worker asked for: a lease that ends later than that from now was renewed before the clock was
        // set back. Until a worker of before says, the longest that can be configured.
        "ALTER TABLE workers ADD COLUMN lease_ms INTEGER NOT NULL DEFAULT 3600000;",
        // Totals, so that two looks at a queue tell its rates.
        """
        ALTER TABLE queues ADD COLUMN accepted INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE queues ADD COLUMN finished INTEGER NOT NULL DEFAULT 0;
        """,
        // What workers say of themselves, apart from their leases, which every exchange rewrites; and what they are told.
        """
        CREATE TABLE reports (worker TEXT PRIMARY KEY, report TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE orders (number INTEGER PRIMARY KEY, worker TEXT NOT NULL, instruction TEXT NOT NULL);
        ALTER TABLE queues ADD COLUMN service_seconds REAL;
        """,
    ]

    static var version: Int { steps.count }

    /// Brings a new or older file up to date; refuses one that is newer or not ours.
    static func prepare(_ db: Database, path: String) throws {
        let found = try check(db, path: path)
        guard found < version else { return }
        for step in steps[found...] { try db.execute(sql: step) }
        try db.execute(sql: "PRAGMA application_id = \(applicationID); PRAGMA user_version = \(version)")
    }

    /// The version of a file's schema, 0 for an empty file; refuses one that is newer or not ours.
    static func check(_ db: Database, path: String) throws -> Int {
        guard try Int.fetchOne(db, sql: "PRAGMA application_id") == applicationID else {
            guard try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") == 0 else {
                throw StoreError(
                    .incompatible, "\(path) is an SQLite database but not TaskQueue's; name another file")
            }
            return 0
        }
        let found = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        guard (0...version).contains(found) else {
            throw StoreError(
                .incompatible,
                "\(path) has schema \(found), this binary knows \(version); run a newer TaskQueue on it")
        }
        return found
    }
}
