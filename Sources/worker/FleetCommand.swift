import ArgumentParser
import Assembly
import Blocking
import Fleet
import Logging
import Monitoring
import ServiceLifecycle
import TaskQueue

/// `worker fleet`: keeps many worker processes running.
struct FleetCommand: AsyncParsableCommand, Sendable {
    static let configuration = CommandConfiguration(
        commandName: "fleet",
        abstract: "Keeps several worker processes running.",
        discussion: """
            Every worker is a process with these flags; between --min and --max there are as many as the load asks for \
            (autoscale.*). One that crashes is started again, after a pause that doubles. \
            SIGHUP, or a new program on disk: every worker is replaced, one by one, and drained once its successor is \
            ready. SIGTERM or SIGINT: all drain; a second signal has them hand back what they run. Should the \
            supervisor itself die, its workers drain.
            """)

    @OptionGroup var options: WorkerOptions
    @Option(help: "The fewest workers.") var min: Int?
    @Option(help: "The most workers; as many as --min if absent.") var max: Int?
    @Option(help: .hidden) var program: String?

    func run() async throws {
        try await ExitStatus.reporting {
            let settings = try await options.settings([
                "fleet.min": min.map(String.init), "fleet.max": max.map(String.init),
            ])
            try await supervise(settings)
            return .done
        }
    }

    private func supervise(_ settings: Settings) async throws {
        guard settings.brokerURL != "memory:" else {
            throw SettingsError("broker.url: memory: is one process's own; a fleet needs sqlite: or redis:")
        }
        let logger = makeLogger("fleet", settings)
        let broker = try Backend(settings, logger: logger).broker
        let workers = MemberProgram(
            path: program ?? MemberProgram.own, arguments: options.forwarded(isCounted: settings.healthListen != nil),
            name: settings.worker.name)
        let pages = FleetPages()
        let supervisor = Supervisor(workers, desired: settings.fleet.workers.lowerBound, logger: logger) {
            pages.note($0, of: $1)
        }
        let signals = SignalListener { _ in
            supervisor.stop()
        } reload: {
            supervisor.roll(.hangup)
        }
        let thread = BlockingPool(label: "tq-control", threads: 1)
        let server = settings.healthListen.map { address in
            let gauges = BrokerGauges(broker, on: thread) { settings.advice($0, $1).desiredWorkers }
            let page = MetricsPage([pages, FleetGauges(supervisor), gauges, ProcessStatistics()])
            return HealthServer(
                address, of: FleetProbe(supervisor: supervisor), metrics: page, on: thread, logger: logger)
        }
        let main = ServiceGroupConfiguration.ServiceConfiguration(
            service: SupervisorOnceListening(supervisor: supervisor, server: server),
            successTerminationBehavior: .gracefullyShutdownGroup)
        let sizing = FleetSizing(settings, broker: broker, supervisor: supervisor, logger: logger)
        let others = ([signals, sizing, server] as [(any Service)?]).compactMap(\.self)
        try await ServiceGroup(
            configuration: .init(
                services: [main] + others.map { .init(service: $0) }, logger: logger)
        ).run()
    }
}

/// Starts no worker before the probes are answered.
private struct SupervisorOnceListening: Service {
    let supervisor: Supervisor
    let server: HealthServer?

    func run() async {
        await server?.waitUntilListening()
        if !Task.isCancelled { await supervisor.run() }
    }
}
