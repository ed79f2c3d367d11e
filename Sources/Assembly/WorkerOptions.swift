public import ArgumentParser
import TaskQueue

/// The flags of a worker, alone or in a fleet.
public struct WorkerOptions: ParsableArguments, Sendable {
    /// Those of every command.
    @OptionGroup public var common: CommonOptions
    @Option(help: "The queues to serve, separated by commas; all if absent.") var queues: String?
    @Option(help: "How many tasks run at once.") var concurrency: String?
    @Option(help: "How long running tasks may go on after a signal, as 25s.") var grace: DurationArgument?
    @Option(help: "The worker's name in logs and records.") var name: String?
    @Option(help: "Serve /livez, /readyz and /metrics there, as 127.0.0.1:9100; off if absent.")
    var healthListen: String?
    /// Whether a supervisor started this process and holds the other end of its standard input.
    @Flag(help: .hidden) public var supervised = false
    /// Whether the supervisor wants to know what this process counts.
    @Flag(help: .hidden) public var counted = false

    /// No flag given.
    public init() {}

    /// Reads the settings, these flags above all.
    /// - Parameter more: Further flags by key; nil if not given.
    /// - Throws: `SettingsError`.
    public func settings(_ more: [String: String?] = [:]) async throws -> Settings {
        let own: [String: String?] = [
            "worker.queues": queues, "worker.concurrency": concurrency, "worker.name": name,
            "worker.grace_seconds": grace.map { "\($0.duration.components.seconds)" },
            // Only one worker of a fleet could have the address.
            "worker.health_listen": supervised ? "" : healthListen,
        ]
        return try await common.settings(own.merging(more) { first, _ in first })
    }

    /// The same flags once more, for the workers of a fleet: all but the name and the address of probes.
    /// - Parameter isCounted: Whether they are to tell what they count.
    public func forwarded(isCounted: Bool) -> [String] {
        let values: [(String, String?)] = [
            ("config", common.file), ("broker-url", common.brokerURL), ("results-url", common.resultsURL),
            ("log-level", common.logLevel), ("log-format", common.logFormat), ("queues", queues),
            ("concurrency", concurrency), ("grace", grace.map { "\($0.duration.components.seconds)s" }),
        ]
        let flags = (common.json ? ["--json"] : []) + (isCounted ? ["--counted"] : [])
        return values.compactMap { key, value in value.map { "--\(key)=\($0)" } } + flags
    }
}
