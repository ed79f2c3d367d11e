import ArgumentParser
import Assembly
import Blocking
import Fleet
import HTTPGateway
import Logging
import Monitoring
import ServiceLifecycle
import TaskQueue
import UnixSignals

/// `gateway`: TaskQueue over HTTP.
@main
struct GatewayCommand: AsyncParsableCommand, Sendable {
    static let configuration = CommandConfiguration(
        commandName: "gateway",
        abstract: "Serves TaskQueue over HTTP: enqueue, status, operation and a dashboard.",
        discussion: """
            SIGTERM or SIGINT: /ready says no, waits and streams end with an event, requests are finished. SIGHUP: read \
            the API keys and the log level anew. GET /openapi.json describes every path.
            """,
        version: taskQueueVersion)

    @OptionGroup var common: CommonOptions
    @Option(help: "Where to listen, as 127.0.0.1:8000.") var listen: String?
    @Flag(help: "Listen beyond this machine without asking anybody who they are.") var insecure = false
    @Option(help: "A certificate chain in PEM; read again when it changes.") var tlsCertificate: String?
    @Option(help: "Its private key in PEM.") var tlsKey: String?
    @Option(help: "A file of keys that queuectl keys create has made.") var apiKeysFile: String?

    func run() async throws {
        try await ExitStatus.reporting {
            try await serve(try await settings())
            return .done
        }
    }

    private func settings() async throws -> Settings {
        try await common.settings([
            "gateway.listen": listen, "gateway.insecure": insecure ? "true" : nil,
            "gateway.tls_certificate": tlsCertificate, "gateway.tls_key": tlsKey, "auth.api_keys_file": apiKeysFile,
        ])
    }

    private func serve(_ settings: Settings) async throws {
        let logger = makeLogger("gateway", settings)
        logger.info(
            "configuration", metadata: settings.effective.merging(settings.gateway.effective) { first, _ in first })
        guard let address = settings.gateway.listen else { throw SettingsError("gateway.listen: is missing") }
        // Before anything that counts.
        let counted = Telemetry.registry
        let exporter = SpanExport.start(settings.otlpEndpoint, service: "gateway", logger)
        let backend = try Backend(settings, logger: logger)
        for complaint in try await backend.preflight() { logger.warning("\(complaint)") }
        let access = try await Admission.control(settings.gateway, backend.broker)
        try Admission.check(address, settings.gateway)
        let thread = BlockingPool(label: "tq-gauges", threads: 1)
        let desired = { @Sendable in settings.advice($0, $1).desiredWorkers }
        let page = MetricsPage([
            counted, BrokerGauges(backend.broker, on: thread, desired: desired), ProcessStatistics(),
        ])
        let gateway = Gateway(
            broker: backend.broker, results: backend.results,
            registry: ProductTasks.inputs(settings, client: backend.client), schemas: ProductTasks.schemas,
            middleware: [TracingMiddleware()], configuration: limits(settings, address), access: access,
            predictor: ModelPredictor(
                ProductTasks.predictor(settings, logger: logger), threads: settings.gateway.predictions),
            advice: { settings.advice($0, $1) }, metrics: { await page.text() }, logger: logger)
        try await address.tryBinding()
        let listening = ListeningNote()
        let server = GatewayServer(gateway, serving(settings.gateway, address), logger: logger) { port in
            listening.note()
            logger.notice("listening", metadata: ["address": "\(address.host):\(port)"])
        }
        let reload = SignalReload(access: access, started: settings, logger: logger) { try await self.settings() }
        do {
            // Told to stop last to first: spans are sent until nothing makes any.
            let first: [any Service] = exporter.map { [$0] } ?? []
            let services = first + [reload] + (try server.services())
            try await ServiceGroup(
                configuration: .init(
                    services: services.map { .init(service: $0) }, gracefulShutdownSignals: [.sigterm, .sigint],
                    logger: logger)
            ).run()
        } catch {
            guard listening.isListening else { throw ListenError(address, error) }
            throw error
        }
    }

    private func limits(_ settings: Settings, _ address: ListenAddress) -> GatewayConfiguration {
        var limits = GatewayConfiguration()
        limits.inputBytesMax = settings.limits.payloadBytesMax
        limits.bodyBytesMax = max(settings.gateway.bodyBytesMax, settings.limits.payloadBytesMax)
        limits.bodyTimeout = .seconds(settings.gateway.bodySeconds)
        limits.waitMax = .seconds(settings.gateway.waitSecondsMax)
        limits.streamMax = .seconds(settings.gateway.streamSecondsMax)
        limits.allowedOrigins = Set(settings.gateway.corsOrigins)
        if address.isLoopback { limits.allowedHosts = ["localhost", "127.0.0.1", "::1", address.host.lowercased()] }
        limits.predictionsMax = settings.gateway.predictions * 8
        limits.version = taskQueueVersion
        return limits
    }

    private func serving(_ settings: GatewaySettings, _ address: ListenAddress) -> GatewayServer.Configuration {
        var serving = GatewayServer.Configuration()
        serving.host = address.host
        serving.port = address.port
        serving.tls = settings.tls.map { TLSFiles(certificate: $0.certificate, key: $0.key) }
        serving.drainDelay = .seconds(settings.drainSeconds)
        // A body that is on its way may still come, and be answered.
        serving.endingMax = .seconds(settings.bodySeconds + 5)
        return serving
    }
}
