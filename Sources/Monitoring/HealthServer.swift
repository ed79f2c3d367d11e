public import Blocking
import Foundation
import HTTPTypes
import Hummingbird
public import Logging
import NIOCore
public import ServiceLifecycle
import Synchronization
import TaskQueue

/// Tells orchestrators how a worker or a fleet is: `/livez`, `/readyz` and `/metrics`.
///
/// It answers on a thread of its own: handlers that burn every core would otherwise make a healthy worker look dead.
public final class HealthServer: Service {
    private let address: ListenAddress
    private let probed: any Probed
    private let metrics: MetricsPage
    private let thread: BlockingPool
    private let logger: Logger
    private let isListening = Mutex(false)
    private let bell = Doorbell()

    /// A connection without a request for this long is closed.
    private static let idleTimeout = TimeAmount.seconds(60)

    /// How long it may take to close its connections: the worker is gone by then, nobody is left to ask about, and
    /// neither a slow client nor a fault in a library may hold the exit.
    private static let patience = Duration.seconds(2)

    /// Makes a server; ``run()`` starts it.
    /// - Parameter thread: Where requests are answered.
    public init(
        _ address: ListenAddress, of probed: any Probed, metrics: MetricsPage, on thread: BlockingPool, logger: Logger
    ) {
        self.address = address
        self.probed = probed
        self.metrics = metrics
        self.thread = thread
        self.logger = logger
    }

    /// Answers until a graceful shutdown.
    /// - Throws: `ListenError` if the address can't be listened on.
    public func run() async throws {
        // An application that ends as it starts can come to a stand in its own timers (swift-async-algorithms' merge,
        // cancelled while it begins).
        try await address.tryBinding()
        // Its own lines are about sockets that were cut off at the end, which is as it should be.
        var quiet = logger
        quiet.logLevel = .critical
        let application = Application(
            router: router, server: .http1(configuration: .init(idleTimeout: Self.idleTimeout)),
            configuration: .init(address: .hostname(address.host, port: address.port)),
            onServerRunning: { [weak self] in self?.noteListening(on: $0) }, logger: quiet)
        do {
            try await Abandonable(on: thread) { try await application.run() }.run(patience: Self.patience)
        } catch {
            guard isListening.withLock({ $0 }) else { throw ListenError(address, error) }
            // Being cut off is how its work ends.
            guard Task.isCancelled || Task.isShuttingDownGracefully else { throw error }
        }
    }

    /// Returns once the address is listened on, or when the task is cancelled.
    public func waitUntilListening() async {
        while !isListening.withLock({ $0 }), !Task.isCancelled { await bell.wait(atMost: .seconds(1)) }
    }

    private func noteListening(on channel: any Channel) {
        let place = channel.localAddress.map { "\($0)" } ?? "\(address)"
        logger.info("serving /livez, /readyz and /metrics", metadata: ["address": "\(place)"])
        isListening.withLock { $0 = true }
        bell.ring()
    }

    private var router: Router<BasicRequestContext> {
        let router = Router(options: .autoGenerateHeadEndpoints)
        router.get("livez") { [probed] _, _ in Self.answer(probed.deathSentence) }
        router.get("readyz") { [probed] _, _ in Self.answer(probed.unreadiness) }
        router.get("metrics") { [metrics] _, _ in
            Self.response(.ok, Exposition.mediaType, await metrics.text())
        }
        return router
    }

    /// A problem as RFC 9457 has it.
    private struct Problem: Encodable {
        var title = "Service Unavailable"
        var status = 503
        let detail: String
    }

    private static func answer(_ problem: String?) -> Response {
        guard let problem else { return response(.ok, "application/json", #"{"status":"ok"}"# + "\n") }
        let body = (try? PayloadCodec.encode(Problem(detail: problem))).map { String(decoding: $0, as: UTF8.self) }
        return response(.serviceUnavailable, "application/problem+json", (body ?? #"{"status":503}"#) + "\n")
    }

    private static func response(_ status: HTTPResponse.Status, _ type: String, _ body: String) -> Response {
        let headers: HTTPFields = [.contentType: type, .cacheControl: "no-store"]
        return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(string: body)))
    }
}
