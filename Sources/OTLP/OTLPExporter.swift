public import AsyncHTTPClient
import Blocking
public import Logging
import NIOCore
import NIOHTTP1
public import ServiceLifecycle
import Synchronization
import TaskQueue

/// Sends spans that ended to an OTLP/HTTP collector, in batches.
///
/// Bounded: while the collector is away, spans beyond the limit are dropped and counted in one line of the log; no
/// request and no task ever waits for it.
public final class OTLPExporter: Service {
    private struct State {
        var waiting: [OTLPSpan] = []
        var dropped = 0
    }

    private let url: String
    private let service: String
    private let http: HTTPClient
    private let logger: Logger
    private let state = Mutex(State())
    private let bell = Doorbell()

    private static let interval = Duration.seconds(2)
    private static let batchSize = 512
    private static let waitingMax = 8192
    private static let timeout = TimeAmount.seconds(5)

    /// Makes an exporter; ``run()`` sends.
    /// - Parameters:
    ///   - endpoint: The collector, as `http://127.0.0.1:4318`; spans are posted to `/v1/traces` there.
    ///   - service: The program's name in traces.
    public init(endpoint: String, service: String, http: HTTPClient, logger: Logger) {
        url = (endpoint.hasSuffix("/") ? String(endpoint.dropLast()) : endpoint) + "/v1/traces"
        self.service = service
        self.http = http
        self.logger = logger
    }

    func add(_ span: OTLPSpan) {
        let count = state.withLock { state in
            guard state.waiting.count < Self.waitingMax else {
                state.dropped += 1
                return 0
            }
            state.waiting.append(span)
            return state.waiting.count
        }
        if count == Self.batchSize { bell.ring() }
    }

    /// Sends until a graceful shutdown, and then what is left.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await self.bell.wait(atMost: Self.interval)
                while !Task.isCancelled, await self.send() {}
            }
        }
        // In a task of its own: the last spans tell of the shutdown that has cancelled this one.
        await Task { while await self.send() {} }.value
    }

    /// Sends one batch; whether there may be more.
    private func send() async -> Bool {
        let (batch, dropped): ([OTLPSpan], Int) = state.withLock { state in
            let batch = Array(state.waiting.prefix(Self.batchSize))
            state.waiting.removeFirst(batch.count)
            defer { state.dropped = 0 }
            return (batch, state.dropped)
        }
        if dropped > 0 { logger.warning("spans dropped", metadata: [LogKeys.count: "\(dropped)"]) }
        guard !batch.isEmpty else { return false }
        do {
            var request = HTTPClientRequest(url: url)
            request.method = .POST
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: try OTLPBatch.json(batch, service: service)))
            let response = try await http.execute(request, timeout: Self.timeout)
            guard (200..<300).contains(response.status.code) else {
                logger.warning("the trace collector refused spans", metadata: ["status": "\(response.status.code)"])
                return false
            }
            return true
        } catch {
            logger.warning("spans can't be sent", metadata: [LogKeys.error: "\(type(of: error))"])
            return false
        }
    }
}
