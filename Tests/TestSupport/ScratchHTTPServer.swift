import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A real HTTP server on a free port of the loopback that answers as it is told and remembers what it was asked.
package final class ScratchHTTPServer: Sendable {
    package struct Request: Sendable {
        package let method: String
        package let path: String
        package let headers: [String: String]
        package let body: String
    }

    package enum Answer: Sendable {
        case status(Int, headers: [String: String] = [:], body: [UInt8] = [])
        /// Takes the request and says nothing.
        case silence
        /// Takes the request and closes the connection.
        case hangUp
    }

    private struct State {
        var script: [Answer]
        var requests: [Request] = []
    }

    private let state: Mutex<State>
    private let listening = Mutex<(any Channel)?>(nil)
    package let port: Int

    /// Starts a server.
    /// - Parameter script: One answer after another; 200 once they are used up.
    package static func start(_ script: [Answer] = []) async throws -> ScratchHTTPServer {
        let relay = Relay()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: true)
                    try channel.pipeline.syncOperations.addHandler(Conversation(relay))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let server = ScratchHTTPServer(script, port: channel.localAddress?.port ?? 0)
        server.listening.withLock { $0 = channel }
        relay.connect(server)
        return server
    }

    private init(_ script: [Answer], port: Int) {
        state = Mutex(State(script: script))
        self.port = port
    }

    deinit {
        listening.withLock { $0?.close(promise: nil) }
    }

    package var requests: [Request] { state.withLock { $0.requests } }

    /// Stops listening: from now on connections are refused.
    package func stop() async throws {
        try await listening.withLock { $0 }?.close().get()
    }

    fileprivate func answer(_ request: Request) -> Answer {
        state.withLock { state in
            state.requests.append(request)
            return state.script.isEmpty ? .status(200) : state.script.removeFirst()
        }
    }
}

/// Lets connections find the server without keeping it alive.
private final class Relay: Sendable {
    private struct Weak {
        weak var server: ScratchHTTPServer?
    }

    private let target = Mutex(Weak())

    func connect(_ server: ScratchHTTPServer) {
        target.withLock { $0.server = server }
    }

    func answer(_ request: ScratchHTTPServer.Request) -> ScratchHTTPServer.Answer {
        target.withLock { $0.server }?.answer(request) ?? .hangUp
    }
}

/// One connection.
private final class Conversation: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let relay: Relay
    private var head: HTTPRequestHead?
    private var body = ByteBuffer()

    init(_ relay: Relay) {
        self.relay = relay
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body.clear()
        case .body(var part): body.writeBuffer(&part)
        case .end:
            guard let head else { return }
            let headers = Dictionary(head.headers.map { ($0.name.lowercased(), $0.value) }) { first, _ in first }
            reply(
                relay.answer(
                    ScratchHTTPServer.Request(
                        method: head.method.rawValue, path: head.uri, headers: headers, body: String(buffer: body))),
                context)
        }
    }

    private func reply(_ answer: ScratchHTTPServer.Answer, _ context: ChannelHandlerContext) {
        switch answer {
        case .silence: return
        case .hangUp: context.close(promise: nil)
        case .status(let status, let extra, let bytes):
            var headers = HTTPHeaders(extra.map { ($0.key, $0.value) })
            headers.replaceOrAdd(name: "content-length", value: "\(bytes.count)")
            let head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: status), headers: headers)
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: bytes)))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}
