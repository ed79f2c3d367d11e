import ArgumentParser
import Assembly
import AsyncHTTPClient
import Blocking
import Fleet
import Logging
import Monitoring
import ServiceLifecycle
import TaskQueue
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
        version: taskQueueVersion)

    @OptionGroup var common: CommonOptions
    @Option(help: "The queues to serve, separated by commas; all if absent.") var queues: String?
    @Option(help: "How many tasks run at once.") var concurrency: String?
    @Option(help: "How long running tasks may go on after a signal, as 25s.") var grace: DurationArgument?
    @Option(help: "The worker's name in logs and records.") var name: String?
    @Option(help: "Serve /livez, /readyz and /metrics there, as 127.0.0.1:9100; off if absent.")
    var healthListen: String?

    func run() async throws {
        try await ExitStatus.reporting {
            let settings = try await settings()
            try await HTTPClient.withHTTPClient(configuration: OutboundHTTP.configuration) { http in
                try await work(settings, http)
            }
            return .done
        }
    }

    private func settings() async throws -> Settings {
        try await common.settings([
            "worker.queues": queues, "worker.concurrency": concurrency, "worker.name": name,
            "worker.grace_seconds": grace.map { "\($0.duration.components.seconds)" },
            "worker.health_listen": healthListen,
        ])
    }

    private func work(_ settings: Settings, _ http: HTTPClient) async throws {
        let logger = makeLogger("worker", settings)
        logger.info("configuration", metadata: settings.effective)
        // Before anything that counts.
        let counted = settings.healthListen.map { _ in Telemetry.registry }
        let backend = try Backend(settings, logger: logger)
        for complaint in try await backend.preflight() { logger.warning("\(complaint)") }
        let tasks = try await ProductTasks.registry(settings, backend: backend, http: http, logger: logger)
        let worker = Worker(
            broker: backend.broker, results: backend.results, registry: tasks, configuration: settings.worker,
            program: .thisProcess(logThreshold: settings.logThreshold), logger: logger)
        // Probes and reloads are served whatever the tasks do.
        let thread = BlockingPool(label: "tq-control", threads: 2)
        let reload = Reload(started: settings, worker: worker, broker: backend.broker, logger: logger) {
            try await self.settings()
        }
        let server = settings.healthListen.map { address in
            let gauges = BrokerGauges(backend.broker, on: thread) { settings.advice($0, $1).desiredWorkers }
            let page = MetricsPage((counted.map { [$0] } ?? []) + [WorkerGauges(worker), gauges, ProcessStatistics()])
            return HealthServer(address, worker: worker, metrics: page, on: thread, logger: logger)
        }
        let main = ServiceGroupConfiguration.ServiceConfiguration(
            service: WorkerOnceListening(worker: worker, server: server),
            successTerminationBehavior: .gracefullyShutdownGroup)
        let signals = ServiceGroupConfiguration.ServiceConfiguration(
            service: SignalListener(worker: worker, reload: reload, thread: thread))
        let relay = backend.outboxRelay(logger: logger).map {
            ServiceGroupConfiguration.ServiceConfiguration(service: UntilShutdown(body: $0))
        }
        let probes = server.map { [ServiceGroupConfiguration.ServiceConfiguration(service: $0)] } ?? []
        try await ServiceGroup(
            configuration: .init(services: [main, signals] + probes + (relay.map { [$0] } ?? []), logger: logger)
        ).run()
    }
}

/// Goes on beside the worker and ends with it.
private struct UntilShutdown: Service {
    let body: @Sendable () async -> Void

    func run() async {
        await cancelWhenGracefulShutdown { await self.body() }
    }
}

/// Claims nothing before the probes are answered: a worker whose port is taken ends before it has begun.
private struct WorkerOnceListening: Service {
    let worker: Worker
    let server: HealthServer?

    func run() async {
        await server?.waitUntilListening()
        if !Task.isCancelled { await worker.run() }
    }
}
