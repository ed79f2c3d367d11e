import Broker
import Embedded
public import Logging
import Postgres
import Redis
import Results
public import TaskQueue

/// The broker and the result store that settings name, opened.
public struct Backend: Sendable {
    /// Where tasks wait.
    public let broker: any TaskBroker
    /// Where results are kept.
    public let results: any ResultStore

    /// Opens both; servers are connected to with the first call.
    /// - Parameters:
    ///   - settings: Their URLs and limits.
    ///   - logger: Hears of connections that come and go; nil for a command, which says itself how it ended.
    /// - Throws: `SettingsError` for a URL that makes no sense, `StoreError` for a store that can't be opened.
    public init(_ settings: Settings, logger: Logger? = nil) throws {
        let brokerURL = try StoreURL(settings.brokerURL, key: "broker.url")
        let resultsURL = try settings.resultsURL.map { try StoreURL($0, key: "results.url") } ?? brokerURL
        let quiet = Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() }
        let opening = Opening(settings: settings, logger: logger ?? quiet)
        // One place for both: an outcome is then recorded and settled in one move.
        switch brokerURL {
        case .postgres:
            throw SettingsError("broker.url: PostgreSQL keeps results, not tasks; use redis: or sqlite: for the broker")
        case .memory:
            broker = MemoryBroker(limits: settings.limits)
            results = try opening.results(resultsURL)
        case .sqlite(let path):
            let file = try opening.file(path)
            let isShared = resultsURL == brokerURL
            broker = SQLiteBroker(file, recordsOutcomes: isShared, limits: settings.limits)
            results = isShared ? SQLiteResultStore(file) : try opening.results(resultsURL)
        case .redis(let configuration):
            let reconnects = Reconnects()
            let client = RedisClient(configuration, logger: opening.logger) { reconnects.note($0) }
            let isShared = resultsURL == brokerURL
            broker = RedisBroker(
                client, recordsOutcomes: isShared, limits: settings.limits, logger: opening.logger)
            results = isShared ? RedisResultStore(client, logger: opening.logger) : try opening.results(resultsURL)
        }
    }

    /// What an operator should change about the server, a sentence each.
    /// - Throws: `StoreError` if it can't be used at all.
    public func preflight() async throws(StoreError) -> [String] {
        let ofBroker = try await (broker as? RedisBroker)?.preflight() ?? []
        return ofBroker + (try await (results as? PostgresResultStore)?.preflight() ?? [])
    }

    /// The connections to the database of results, if that is PostgreSQL.
    var resultPool: PostgresPool? { (results as? PostgresResultStore)?.pool }

    /// What moves tasks from the database's outbox to the broker, if results are kept in PostgreSQL.
    public func outboxRelay(logger: Logger) -> (@Sendable () async -> Void)? {
        guard let resultPool else { return nil }
        let relay = OutboxRelay(resultPool, to: broker, results: results, logger: logger)
        return { await relay.run() }
    }

    /// How stores are opened.
    private struct Opening {
        let settings: Settings
        let logger: Logger

        func results(_ url: StoreURL) throws -> any ResultStore {
            switch url {
            case .memory: MemoryResultStore()
            case .sqlite(let path): SQLiteResultStore(try file(path))
            case .redis(let configuration):
                RedisResultStore(RedisClient(configuration, logger: logger), logger: logger)
            case .postgres(let configuration):
                PostgresResultStore(
                    PostgresPool(configuration, logger: logger), bytesMax: settings.resultsBytesMax, logger: logger)
            }
        }

        func file(_ path: String) throws -> SQLiteFile {
            try SQLiteFile(path: path, durability: SQLiteFile.Durability(rawValue: settings.durability) ?? .normal)
        }
    }

    /// A client over both.
    public var client: TaskClient { TaskClient(broker: broker, results: results) }
}
