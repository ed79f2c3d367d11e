import ArgumentParser
import Assembly
import AsyncHTTPClient
import Fleet
import Logging
import Monitoring
import Tasks

/// `worker`: runs tasks until it is told to stop.
@main
struct WorkerCommand: AsyncParsableCommand, Sendable {
    static let configuration = CommandConfiguration(
        commandName: "worker",
        abstract: "Runs tasks until it is told to stop.",
        discussion: """
            SIGTERM or SIGINT: stop claiming, hand back what has not started, give running tasks the grace, then hand \
            them back too. A second signal hands back at once. SIGHUP: read log level, concurrency and broker limits \
            anew.
            """,
        version: taskQueueVersion,
        subcommands: [FleetCommand.self])

    @OptionGroup var options: WorkerOptions

    func run() async throws {
        try await ExitStatus.reporting {
            // Before anything else may read or inherit standard input.
            let membership = options.supervised ? try Membership() : nil
            let settings = try await options.settings()
            try await HTTPClient.withHTTPClient(configuration: OutboundHTTP.configuration) { http in
                try await work(settings, http, membership)
            }
            return .done
        }
    }

    private func work(_ settings: Settings, _ http: HTTPClient, _ membership: Membership?) async throws {
        let logger = makeLogger("worker", settings)
        logger.info("configuration", metadata: settings.effective)
        // Before anything that counts.
        if settings.healthListen != nil || options.counted { _ = Telemetry.registry }
        let spans = SpanExport.start(settings.otlpEndpoint, service: "worker", logger)
        let backend = try Backend(settings, logger: logger)
        for complaint in try await backend.preflight() { logger.warning("\(complaint)") }
        let tasks = try await ProductTasks.registry(settings, backend: backend, http: http, logger: logger)
        try await WorkerProcess(
            settings, backend: backend, tasks: tasks, membership: membership, isCounted: options.counted, spans: spans,
            logger: logger
        ) {
            try await options.settings()
        }.run()
    }
}
