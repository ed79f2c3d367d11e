public import ArgumentParser
public import Logging
import TaskQueue

/// The flags that every command has.
public struct CommonOptions: ParsableArguments, Sendable {
    /// A configuration file.
    @Option(name: .customLong("config"), help: "A YAML file; config/taskqueue.yaml if it exists.")
    public var file: String?

    /// Where tasks wait.
    @Option(help: "Where tasks wait: sqlite:PATH, redis://… or memory:.")
    public var brokerURL: String?

    /// Where results are kept.
    @Option(help: "Where results are kept, as postgres://…; with the broker if absent.")
    public var resultsURL: String?

    /// The lowest level that is logged.
    @Option(help: "trace, debug, info, notice, warning, error or critical.")
    public var logLevel: String?

    /// How log lines look.
    @Option(help: "text or json.")
    public var logFormat: String?

    /// Machine-readable output.
    @Flag(help: "JSON on standard output and nothing else there.")
    public var json = false

    /// No flag given.
    public init() {}

    /// Reads the settings, the flags above all.
    /// - Parameter more: Further flags by key; nil if not given.
    /// - Throws: `SettingsError`.
    public func settings(_ more: [String: String?] = [:]) async throws -> Settings {
        let own: [String: String?] = [
            "broker.url": brokerURL, "results.url": resultsURL, "log.level": logLevel, "log.format": logFormat,
        ]
        let flags = own.merging(more) { first, _ in first }.compactMapValues(\.self)
        return try await SettingsSources.load(flags: flags, file: file)
    }
}

/// The version that `--version` prints.
public let taskQueueVersion = "0.1.0"

/// Makes a logger as the settings say.
public func makeLogger(_ label: String, _ settings: Settings) -> Logger {
    Logger(label: label) { label in
        LineLogHandler(label: label, threshold: settings.logThreshold, isJSON: settings.logFormat == "json")
    }
}
