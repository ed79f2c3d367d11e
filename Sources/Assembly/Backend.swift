import Embedded
public import TaskQueue

/// The broker and the result store that settings name, opened.
public struct Backend: Sendable {
    /// Where tasks wait.
    public let broker: any TaskBroker
    /// Where results are kept.
    public let results: any ResultStore

    /// Opens both.
    /// - Throws: `SettingsError` for a URL that makes no sense, `StoreError` for a store that can't be opened.
    public init(_ settings: Settings) throws {
        let brokerURL = try StoreURL(settings.brokerURL, key: "broker.url")
        let resultsURL = try settings.resultsURL.map { try StoreURL($0, key: "results.url") }
        let durability = SQLiteFile.Durability(rawValue: settings.durability) ?? .normal
        switch brokerURL {
        case .memory:
            broker = MemoryBroker(limits: settings.limits)
            results = try Self.results(resultsURL ?? .memory, durability)
        case .sqlite(let path):
            let file = try SQLiteFile(path: path, durability: durability)
            let sharesFile = resultsURL == nil || resultsURL == brokerURL
            broker = SQLiteBroker(file, recordsOutcomes: sharesFile, limits: settings.limits)
            results = sharesFile ? SQLiteResultStore(file) : try Self.results(resultsURL ?? brokerURL, durability)
        }
    }

    private static func results(_ url: StoreURL, _ durability: SQLiteFile.Durability) throws -> any ResultStore {
        switch url {
        case .memory: MemoryResultStore()
        case .sqlite(let path): SQLiteResultStore(try SQLiteFile(path: path, durability: durability))
        }
    }

    /// A client over both.
    public var client: TaskClient { TaskClient(broker: broker, results: results) }
}
