import Blocking
import GRDB
public import TaskQueue

/// Readings in an SQLite file of their own, so that they never wait for the queue's write lock.
public final class SQLiteReadingStore: ReadingStore {
    private let path: String
    private let database: DatabasePool
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
        """

    /// Opens a file, creating it if there is none.
    /// - Throws: `StoreError`.
    public init(path: String) throws(StoreError) {
        self.path = path
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
        try await writing.run { [database, path] () throws(StoreError) in
            do {
                return try database.write { db in try readings.map { try Self.store($0, db) } }
            } catch {
                throw StoreError(.unavailable, "\(path): could not store readings: \(Self.words(error))")
            }
        }
    }

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
            db.cachedStatement(sql: "SELECT deviations, anomaly FROM readings WHERE sensor_id = ? AND read_ms = ?"),
            arguments: [reading.sensorID, reading.timestamp.rawValue]
        ).map { ReadingScore(deviations: $0[0], isAnomaly: $0[1], expected: now.expected) }
    }

    private static func words(_ error: any Error) -> String {
        (error as? DatabaseError)?.message ?? "\(type(of: error))"
    }
}
