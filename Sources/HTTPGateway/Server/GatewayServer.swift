import Blocking
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
public import Logging
import NIOCore
import NIOSSL
public import ServiceLifecycle

/// A gateway with a server of its own.
///
/// Services of a group are stopped last first: run ``services`` in their order, and a shutdown tells load balancers,
/// ends waits and streams with an event, lets requests finish while they may, and only then stops.
public struct GatewayServer: Sendable {
    /// Where and how it listens.
    public struct Configuration: Sendable {
        /// A name or an address.
        public var host = "127.0.0.1"
        /// From 0 to 65535; 0 lets the system choose.
        public var port = 8000
        /// Certificate chain and key in PEM files; plain HTTP without.
        public var tls: TLSFiles?
        /// Connections at once; more wait until some close.
        public var connectionsMax = 20_000
        /// A connection without a request, or with half a head, is closed after this long.
        public var idleTimeout = Duration.seconds(30)
        /// How long `/ready` says no before the server stops, so that load balancers notice.
        public var drainDelay = Duration.zero
        /// How long requests in progress may take to end once the server stops; then they are broken off, as those of
        /// clients that do not read their answers.
        public var endingMax = Duration.seconds(20)

        /// The defaults: 127.0.0.1:8000 without TLS.
        public init() {}
    }

    private let gateway: Gateway
    private let configuration: Configuration
    private let logger: Logger
    private let onListening: @Sendable (Int) -> Void

    /// Makes a server; its ``services`` run it.
    /// - Parameter onListening: Called with the port once it listens.
    public init(
        _ gateway: Gateway, _ configuration: Configuration, logger: Logger,
        onListening: @escaping @Sendable (Int) -> Void = { _ in }
    ) {
        self.gateway = gateway
        self.configuration = configuration
        self.logger = logger
        self.onListening = onListening
    }

    /// What must run, in this order.
    /// - Throws: `TLSFilesError` if the certificate can't be used.
    public func services() throws -> [any Service] {
        let router = Router(context: GatewayContext.self)
        gateway.mount(on: router, catchAll: true)
        // Its own lines are about clients that break off.
        var quiet = logger
        quiet.logLevel = .critical
        let application = Application(
            router: router, server: try server(),
            configuration: .init(address: .hostname(configuration.host, port: configuration.port), backlog: 1024),
            onServerRunning: { [onListening] in onListening($0.localAddress?.port ?? 0) }, logger: quiet)
        let bounded = BoundedShutdown(service: application, limit: configuration.endingMax, logger: logger)
        return gateway.services + [bounded, DrainService(gateway: gateway, delay: configuration.drainDelay)]
    }

    private func server() throws -> HTTPServerBuilder {
        let limit = TimeAmount(gateway.configuration.bodyTimeout * 2)
        let base = HTTPServerBuilder.http1(
            configuration: .init(
                additionalChannelHandlers: [RequestDeadline(limit: limit), RefusalInWords()],
                idleTimeout: TimeAmount(configuration.idleTimeout),
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 64 << 10, maxHeaderFieldCount: 100)))
        guard let tls = configuration.tls else { return base }
        return try .tls(base, tlsConfiguration: try tls.configuration(logger: logger))
    }
}

/// Begins the end: the last service of a group is the first to hear of it.
private struct DrainService: Service {
    let gateway: Gateway
    let delay: Duration

    func run() async throws {
        try? await gracefulShutdown()
        gateway.drain.begin()
        await Doorbell().wait(atMost: delay)
        gateway.beginDrain()
    }
}
