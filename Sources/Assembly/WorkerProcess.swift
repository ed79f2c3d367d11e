import Blocking
public import Fleet
import Foundation
public import Logging
import Monitoring
public import OTLP
import ServiceLifecycle
public import TaskQueue

/// A process that is a worker: it works, answers probes, hears signals, and knows when it has done enough.
public struct WorkerProcess: Sendable {
    private let settings: Settings
    private let backend: Backend
    private let program: WorkerProgram
    private let worker: Worker
    private let membership: Membership?
    private let isCounted: Bool
    private let spans: OTLPExporter?
    private let logger: Logger
    private let load: @Sendable () async throws -> Settings
    /// Probes, signals and the end are seen to here, whatever the tasks do.
    private let thread = BlockingPool(label: "tq-control", threads: 2)

    /// Makes a worker; ``run()`` starts it.
    /// - Parameters:
    ///   - tasks: What it can run.
    ///   - membership: Its place in a fleet; nil if it is alone.
    ///   - isCounted: Whether the fleet wants to know what it counts, by ``Telemetry``.
    ///   - spans: Sends what is traced; nil if nothing is.
    ///   - load: Reads the settings anew.
    public init(
        _ settings: Settings, backend: Backend, tasks: TaskRegistry, membership: Membership? = nil,
        isCounted: Bool = false, spans: OTLPExporter? = nil, logger: Logger,
        load: @escaping @Sendable () async throws -> Settings
    ) {
        self.settings = settings
        self.backend = backend
        self.membership = membership
        self.isCounted = isCounted
        self.spans = spans
        self.logger = logger
        self.load = load
        program = .thisProcess(logThreshold: settings.logThreshold)
        worker = Worker(
            broker: backend.broker, results: backend.results, registry: tasks, configuration: settings.worker,
            middleware: spans == nil ? [] : [TracingMiddleware()], program: program, logger: logger)
    }

    /// Works until it is told to stop, or has done enough.
    /// - Throws: `ListenError` if it can't be probed.
    public func run() async throws {
        membership?.onEnd { [worker, logger] in
            logger.warning("the supervisor is gone")
            worker.drain()
        }
        let watch = Recycling(
            worker: worker, program: program, policy: settings.fleet.recycling, membership: membership, logger: logger)
        let tuning = settings.worker.concurrencyMin.map {
            SlotTuning(worker: worker, bounds: $0...settings.worker.concurrency, logger: logger)
        }
        let ticks = [
            TimerThread.shared.every(Recycling.interval) { watch.look() },
            TimerThread.shared.every(SlotTuning.interval) { tuning?.look() },
            TimerThread.shared.every(Self.pageInterval) { Task(executorPreference: thread) { await tellPage() } },
        ]
        defer { for tick in ticks { TimerThread.shared.cancel(tick) } }
        let reload = Reload(started: settings, broker: backend.broker, logger: logger) { [worker] slots in
            if let tuning { tuning.raise(to: slots) } else { worker.resize(slots: slots) }
        } load: {
            try await load()
        }
        let signals = SignalListener { [worker] isFirst in
            if isFirst { worker.drain() } else { worker.handBackNow() }
        } reload: { [thread] in
            // Reads a file, which may take its time.
            await withTaskExecutorPreference(thread) { await reload.run() }
        }
        let server = healthServer()
        let main = ServiceGroupConfiguration.ServiceConfiguration(
            service: WorkerOnceListening(worker: worker, server: server, lastWords: tellPage),
            successTerminationBehavior: .gracefullyShutdownGroup)
        let relay = backend.outboxRelay(logger: logger).map {
            ServiceGroupConfiguration.ServiceConfiguration(service: UntilShutdown(body: $0))
        }
        let probes = server.map { [ServiceGroupConfiguration.ServiceConfiguration(service: $0)] } ?? []
        // Told to stop last to first: spans are sent until nothing makes any.
        let exporter = spans.map { [ServiceGroupConfiguration.ServiceConfiguration(service: $0)] } ?? []
        let services = exporter + [main, .init(service: signals)] + probes + (relay.map { [$0] } ?? [])
        try await withTaskExecutorPreference(thread) {
            try await ServiceGroup(configuration: .init(services: services, logger: logger)).run()
        }
    }

    /// How often a fleet hears what its workers count.
    private static let pageInterval = Duration.seconds(2)

    private func tellPage() async {
        guard isCounted, let membership else { return }
        membership.tell(page: await MetricsPage([Telemetry.registry, WorkerGauges(worker)]).text())
    }

    private func healthServer() -> HealthServer? {
        settings.healthListen.map { address in
            let gauges = BrokerGauges(backend.broker, on: thread) { settings.advice($0, $1).desiredWorkers }
            let page = MetricsPage([Telemetry.registry, WorkerGauges(worker), gauges, ProcessStatistics()])
            return HealthServer(address, of: worker, metrics: page, on: thread, logger: logger)
        }
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
    let lastWords: @Sendable () async -> Void

    func run() async {
        await server?.waitUntilListening()
        if !Task.isCancelled { await worker.run() }
        await lastWords()
        // All that was run is settled or handed back. Whoever went on regardless may block the threads on which the
        // program would end.
        if worker.health.abandoned > 0 { exit(ExitStatus.done.rawValue) }
    }
}
