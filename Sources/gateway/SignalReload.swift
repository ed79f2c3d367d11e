import Assembly
import HTTPGateway
import Logging
import ServiceLifecycle
import TaskQueue
import UnixSignals

/// SIGHUP: keys and log level are read anew; if anything is wrong with them, the old ones stay.
struct SignalReload: Service {
    let access: AccessControl
    let started: Settings
    let logger: Logger
    let load: @Sendable () async throws -> Settings

    init(
        access: AccessControl, started: Settings, logger: Logger, load: @escaping @Sendable () async throws -> Settings
    ) {
        self.access = access
        self.started = started
        self.logger = logger
        self.load = load
    }

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sighup)
        for await _ in signals.cancelOnGracefulShutdown() { await reload() }
    }

    private func reload() async {
        do {
            let settings = try await load()
            let keys = try Admission.keys(settings.gateway)
            guard access.isRequired == settings.gateway.hasAccessControl else {
                logger.error("reload refused: turning access control on or off needs a restart")
                return
            }
            access.replace(keys: keys)
            started.logThreshold.level = settings.logThreshold.level
            logger.notice("settings reloaded", metadata: ["auth.api_keys": "\(keys.count)"])
        } catch {
            logger.error("reload refused; the old settings stay", metadata: [LogKeys.error: "\(error)"])
        }
    }
}
