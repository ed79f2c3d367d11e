internal import Blocking
public import Logging
public import Postgres
internal import Synchronization
public import TaskQueue

/// Readings in PostgreSQL: a table a day, their sensors' statistics shared by all workers.
///
/// A batch is one transaction of two round trips. It locks its sensors first, so that workers who hear of the same
/// sensor at the same time take turns and none forgets what another has added.
public final class PostgresReadingStore: ReadingStore {
    /// The numbered steps that make its tables.
    public static func migrations(in table: String) -> PostgresMigrations {
        PostgresMigrations(
            part: "readings", steps: [String(decoding: PackageResources.readings_1_sql, as: UTF8.self)], table: table)
    }

    private let pool: PostgresPool
    private let retention: ReadingRetention
    private let logger: Logger
    private let caredForAt = Mutex<ContinuousClock.Instant?>(nil)

    /// How long a batch is tried again by itself before its tasks are put off.
    private static let patience = Duration.seconds(8)
    /// How often days are made and dropped.
    private static let careInterval = Duration.seconds(3600)

    /// Makes a store; connecting begins with the first call.
    /// - Parameters:
    ///   - pool: The connections to use.
    ///   - days: How long readings are kept.
    ///   - logger: Hears when the retention could not be kept.
    public init(_ pool: PostgresPool, days: Int = 90, logger: Logger) {
        self.pool = pool
        self.logger = logger
        retention = ReadingRetention(days: days)
    }

    /// See ``ReadingStore/store(_:)``.
    ///
    /// A server that is away for a moment is waited for.
    public func store(_ readings: [Reading]) async throws(StoreError) -> [ReadingScore] {
        try await care()
        let deadline = ContinuousClock.now + Self.patience
        var pause = Duration.milliseconds(20)
        while true {
            do throws(PostgresError) {
                return try await pool.use { (connection) throws(PostgresError) in
                    try ReadingBatch(readings).store(on: connection)
                }
            } catch {
                let failure = Self.failure(error, "store readings")
                guard failure.isTransient, ContinuousClock.now + pause < deadline, !Task.isCancelled else {
                    throw failure
                }
            }
            await Doorbell().wait(atMost: pause)
            pause = min(pause * 2, .milliseconds(500))
        }
    }

    /// Makes the days to come and drops those past their retention: milliseconds, however many readings they hold.
    /// - Returns: The tables that were dropped.
    @discardableResult
    public func maintain(at now: Timestamp = .now) async throws(StoreError) -> [String] {
        do throws(PostgresError) {
            let retention = retention
            return try await pool.use { (connection) throws(PostgresError) in
                try retention.enforce(at: now.rawValue / 1000, on: connection)
            }
        } catch {
            throw Self.failure(error, "look after the readings' retention")
        }
    }

    private func care() async throws(StoreError) {
        let isDue = caredForAt.withLock { last in
            if let last, last + Self.careInterval > .now { return false }
            last = .now
            return true
        }
        guard isDue else { return }
        do throws(StoreError) {
            try await maintain()
        } catch {
            // Readings of a day without a table go to the default one; the next hour will do.
            guard error.code != .incompatible else { throw error }
            logger.warning("the readings' days could not be looked after", metadata: ["error": "\(error)"])
        }
    }

    private static func failure(_ error: PostgresError, _ what: String) -> StoreError {
        let code: StoreError.Code
        switch (error.code, error.sqlState?.kind) {
        case (.busy, _), (_, "40"), (_, "55"): code = .busy
        case (.unavailable, _), (.timeout, _), (.connectionLost, _), (.cancelled, _): code = .unavailable
        case (_, "08"), (_, "57"), (_, "28"), (_, "3D"), (_, "58"): code = .unavailable
        case (_, "53"): code = .full
        // A standby will be the primary, or the primary is found anew.
        case (_, "25"): code = .unavailable
        case (_, "22"), (_, "23"): code = .invalidRequest
        default: code = .incompatible
        }
        let advice = error.sqlState == .undefinedTable ? ". The tables are missing: run queuectl migrate" : ""
        return StoreError(code, "could not \(what): \(error)\(advice)")
    }
}
