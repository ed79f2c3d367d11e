import Blocking
import GRDB
import Synchronization
public import TaskQueue

/// Readings in an SQLite file of their own, so that they never wait for the queue's write lock.
public final class SQLiteReadingStore: ReadingStore {
    private let path: String
    private let database: DatabasePool
    private let kept: Duration
    private let prunedAt = Mutex<ContinuousClock.Instant?>(nil)
    private let writing = BlockingPool(label: "tq-readings", threads: 1)

    private static let schema = """
        CREATE TABLE IF NOT EXISTS sensors (
            sensor_id TEXT PRIMARY KEY, count REAL NOT NULL, mean REAL NOT NULL, variance REAL NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS readings (
            sensor_id TEXT NOT NULL, read_ms INTEGER NOT NULL, value REAL NOT NULL, sensor_type TEXT NOT NULL,
            tank_id TEXT NOT NULL, unit TEXT, deviations REAL NOT NULL, anomaly INTEGER NOT NULL,
            PRIMARY KEY (sensor_id, read_ms)
        ) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS readings_by_time ON readings (read_ms);
        """

    /// Opens a file, creating it if there is none.
    /// - Parameters:
    ///   - path: The file.
    ///   - days: How long readings are kept.
    /// - Throws: `StoreError`.
    public init(path: String, days: Int = 90) throws(StoreError) {
        self.path = path
        kept = .seconds(days * 86_400)
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        do {
            database = try DatabasePool(path: path, configuration: configuration)
            try database.write { try $0.execute(sql: Self.schema) }
        } catch {
            throw StoreError(.unavailable, "\(path): could not open the readings: \(Self.words(error))")
        }
    }

    /// See ``ReadingStore/store(_:)``.
    public func store(_ readings: [Reading]) async throws(StoreError) -> [ReadingScore] {
        let oldest = isPruningDue ? Timestamp.now + (.zero - kept) : nil
        return try await writing.run { [self] () throws(StoreError) in
            do {
                let (scores, isClean) = try database.write { db in
                    let isClean = try oldest.map { try Self.prune(before: $0, db) } ?? true
                    return (try readings.map { try Self.store($0, db) }, isClean)
                }
                // More waits to go: with the next batch.
                if !isClean { prunedAt.withLock { $0 = nil } }
                return scores
            } catch {
                throw StoreError(.unavailable, "\(path): could not store readings: \(Self.words(error))")
            }
        }
    }

    private var isPruningDue: Bool {
        prunedAt.withLock { last in
            if let last, last + .seconds(3600) > .now { return false }
            last = .now
            return true
        }
    }

    /// In portions, so that no batch waits for long.
    /// - Returns: Whether nothing that is old is left.
    private static func prune(before oldest: Timestamp, _ db: Database) throws -> Bool {
        try db.cachedStatement(
            sql: """
                DELETE FROM readings WHERE (sensor_id, read_ms) IN (
                    SELECT sensor_id, read_ms FROM readings WHERE read_ms < ? LIMIT \(prunedMax))
                """
        ).execute(arguments: [oldest.rawValue])
        return db.changesCount < prunedMax
    }

    private static let prunedMax = 2000

    private static func store(_ reading: Reading, _ db: Database) throws -> ReadingScore {
        let sensor = reading.sensorID
        let kept = try Row.fetchOne(
            db.cachedStatement(sql: "SELECT count, mean, variance FROM sensors WHERE sensor_id = ?"),
            arguments: [sensor])
        var statistics = kept.map { SensorStatistics(count: $0[0], mean: $0[1], variance: $0[2]) } ?? SensorStatistics()
        let score = statistics.score(reading.value)
        try db.cachedStatement(
            sql: """
                INSERT OR IGNORE INTO readings
                    (sensor_id, read_ms, value, sensor_type, tank_id, unit, deviations, anomaly)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            sensor, reading.timestamp.rawValue, reading.value, reading.sensorType, reading.tankID, reading.unit,
            score.deviations, score.isAnomaly,
        ])
        guard db.changesCount > 0 else { return try earlier(reading, score, db) ?? score }
        statistics.add(reading.value)
        try db.cachedStatement(
            sql: "INSERT OR REPLACE INTO sensors (sensor_id, count, mean, variance) VALUES (?, ?, ?, ?)"
        ).execute(arguments: [sensor, statistics.count, statistics.mean, statistics.variance])
        return score
    }

    private static func earlier(_ reading: Reading, _ now: ReadingScore, _ db: Database) throws -> ReadingScore? {
        try Row.fetchOne(
            db.cachedStatement(
                sql: "SELECT deviations, anomaly, value FROM readings WHERE sensor_id = ? AND read_ms = ?"),
            arguments: [reading.sensorID, reading.timestamp.rawValue]
        ).map {
            var score = ReadingScore(deviations: $0[0], isAnomaly: $0[1], expected: now.expected)
            score.isContradiction = $0[2] != reading.value
            return score
        }
    }

    private static func words(_ error: any Error) -> String {
        (error as? DatabaseError)?.message ?? "\(type(of: error))"
    }
}
