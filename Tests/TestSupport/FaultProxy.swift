package import NIOCore
import NIOPosix
package import Redis
import Synchronization

/// Stands between a client and a server and spoils what passes, as told at run time.
package final class FaultProxy: Sendable {
    /// What happens to connections and bytes; holds for the connections that exist and for those to come.
    package enum Mode: Sendable {
        /// Nothing bad.
        case pass
        /// Every piece is held back, in both directions.
        case delay(TimeAmount)
        /// Bytes vanish in both directions; connections stay open.
        case blackHole
        /// The server's side of the stream ends, the client's is still read.
        case halfClose
        /// Connections end with a reset.
        case reset
        /// Answers come one byte at a time.
        case drip(TimeAmount)
        /// Nobody listens, and the connections that exist are closed.
        case refuse
    }

    private struct State {
        var mode = Mode.pass
        var accepted = 0
        var received = 0
        var listener: (any Channel)?
        var relays: [ObjectIdentifier: any Channel] = [:]
    }

    package let port: Int
    private let server: RedisAddress
    private let state = Mutex(State())

    /// Starts a proxy in front of a server.
    package static func start(for server: RedisAddress) async throws -> FaultProxy {
        let proxy = FaultProxy(port: try FreePort.next(), server)
        try await proxy.listen()
        return proxy
    }

    private init(port: Int, _ server: RedisAddress) {
        self.port = port
        self.server = server
    }

    deinit {
        let (listener, relays) = state.withLock { ($0.listener, Array($0.relays.values)) }
        listener?.close(promise: nil)
        for relay in relays { relay.close(promise: nil) }
    }

    package var address: RedisAddress { RedisAddress(host: "127.0.0.1", port: port) }
    package var url: String { "redis://127.0.0.1:\(port)" }
    /// How many connections were accepted so far.
    package var accepted: Int { state.withLock { $0.accepted } }

    /// How many bytes clients have sent so far.
    package var received: Int { state.withLock { $0.received } }

    /// Changes what happens from now on; holds for every byte that is sent after it has returned.
    package func set(_ mode: Mode) async throws {
        let (relays, listener) = state.withLock { state in
            state.mode = mode
            return (Array(state.relays.values), state.listener)
        }
        if case .refuse = mode {
            try await listener?.close()
            state.withLock { $0.listener = nil }
        } else if listener == nil {
            try await listen()
        }
        for relay in relays {
            try await relay.eventLoop.submit { relay.pipeline.fireUserInboundEventTriggered(mode) }.get()
        }
    }

    private func listen() async throws {
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { [weak self] channel in
                guard let self else { return channel.close() }
                return accept(channel)
            }
            .bind(host: "127.0.0.1", port: port).get()
        state.withLock { $0.listener = listener }
    }

    private func accept(_ client: any Channel) -> EventLoopFuture<Void> {
        let mode = state.withLock { state in
            state.accepted += 1
            state.relays[ObjectIdentifier(client)] = client
            return state.mode
        }
        client.closeFuture.whenComplete { [weak self] _ in
            _ = self?.state.withLock { $0.relays.removeValue(forKey: ObjectIdentifier(client)) }
        }
        return ClientBootstrap(group: client.eventLoop)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelOption(.autoRead, value: false)
            .connect(host: server.host, port: server.port ?? 0)
            .flatMapThrowing { server in
                let toServer = FaultRelay(to: server, mode, isAnswers: false) { [weak self] count in
                    self?.state.withLock { $0.received += count }
                }
                try client.pipeline.syncOperations.addHandler(toServer)
                try server.pipeline.syncOperations.addHandler(FaultRelay(to: client, mode, isAnswers: true) { _ in })
                client.closeFuture.whenComplete { _ in server.close(promise: nil) }
                server.closeFuture.whenComplete { _ in client.close(promise: nil) }
                client.setOption(.autoRead, value: true)
                    .and(server.setOption(.autoRead, value: true)).whenFailure { _ in client.close(promise: nil) }
            }
            .flatMapError { _ in client.close() }
    }
}
