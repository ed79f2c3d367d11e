import ArgumentParser
import Assembly
import AsyncHTTPClient
import Logging
import ServiceLifecycle
import TaskQueue
import Tasks
import UnixSignals

/// `worker`: runs tasks until it is told to stop.
@main
struct WorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker",
        abstract: "Runs tasks until it is told to stop.",
        discussion: """
            SIGTERM or SIGINT: stop claiming, hand back what has not started, give running tasks the grace, then hand \
            them back too. A second signal hands back at once.
            """,
        version: taskQueueVersion)

    @OptionGroup var common: CommonOptions
    @Option(help: "The queues to serve, separated by commas; all if absent.") var queues: String?
    @Option(help: "How many tasks run at once.") var concurrency: String?
    @Option(help: "How long running tasks may go on after a signal, as 25s.") var grace: DurationArgument?
    @Option(help: "The worker's name in logs and records.") var name: String?

    func run() async throws {
        try await ExitStatus.reporting {
            let settings = try await common.settings([
                "worker.queues": queues, "worker.concurrency": concurrency, "worker.name": name,
                "worker.grace_seconds": grace.map { "\($0.duration.components.seconds)" },
            ])
            try await HTTPClient.withHTTPClient(configuration: OutboundHTTP.configuration) { http in
                try await work(settings, http)
            }
            return .done
        }
    }

    private func work(_ settings: Settings, _ http: HTTPClient) async throws {
        let logger = makeLogger("worker", settings)
        logger.info("configuration", metadata: settings.effective)
        let backend = try Backend(settings, logger: logger)
        for complaint in try await backend.preflight() { logger.warning("\(complaint)") }
        let registry = try ProductTasks.registry(settings, client: backend.client, http: http)
        let worker = Worker(
            broker: backend.broker, results: backend.results, registry: registry, configuration: settings.worker,
            logger: logger)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    .init(service: worker, successTerminationBehavior: .gracefullyShutdownGroup),
                    .init(service: Signals(worker: worker)),
                ], logger: logger))
        try await group.run()
    }
}

/// Turns the first signal into a drain and the second into an immediate hand-back.
private struct Signals: Service {
    let worker: Worker

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        var count = 0
        for await _ in signals.cancelOnGracefulShutdown() {
            count += 1
            if count == 1 { worker.drain() } else { worker.handBackNow() }
        }
    }
}
