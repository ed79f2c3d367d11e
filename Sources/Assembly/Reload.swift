public import Logging
public import TaskQueue

/// Puts those settings in force that may change while a worker runs: log level, concurrency and the broker's limits.
public struct Reload: Sendable {
    private let started: Settings
    private let load: @Sendable () async throws -> Settings
    private let resize: @Sendable (_ slots: Int) -> Void
    private let broker: any TaskBroker
    private let logger: Logger

    /// The keys that need no restart.
    static let live: Set<String> = [
        "log.level", "worker.concurrency", "broker.payload_bytes_max", "broker.queue_length_max",
    ]

    /// Prepares reloads.
    /// - Parameters:
    ///   - started: What the worker was started with; its loggers follow.
    ///   - resize: Puts a new concurrency in force.
    ///   - load: Reads flags, environment and file anew.
    public init(
        started: Settings, broker: any TaskBroker, logger: Logger, resize: @escaping @Sendable (_ slots: Int) -> Void,
        load: @escaping @Sendable () async throws -> Settings
    ) {
        self.started = started
        self.load = load
        self.resize = resize
        self.broker = broker
        self.logger = logger
    }

    /// Reads the settings and applies them; if anything is wrong with them, all old ones stay.
    public func run() async {
        let settings: Settings
        do {
            settings = try await load()
        } catch {
            let complaints = (error as? SettingsError)?.complaints ?? ["\(error)"]
            for complaint in complaints {
                logger.error("reload refused; the old settings stay", metadata: [LogKeys.error: "\(complaint)"])
            }
            return
        }
        resize(settings.worker.concurrency)
        // Said while the lower of both levels holds: who asked for a reload wants to hear of it.
        let (old, new) = (started.logThreshold.level, settings.logThreshold.level)
        started.logThreshold.level = min(old, new)
        defer { started.logThreshold.level = new }
        logger.notice("settings reloaded", metadata: settings.effective.filter { Self.live.contains($0.key) })
        if !broker.adopt(settings.limits), settings.limits != started.limits {
            logger.warning("this broker keeps its limits until the next start")
        }
        let waiting = settings.effective.filter { !Self.live.contains($0.key) && started.effective[$0.key] != $0.value }
        if !waiting.isEmpty {
            logger.warning("these settings changed and wait for a restart", metadata: waiting)
        }
    }
}
