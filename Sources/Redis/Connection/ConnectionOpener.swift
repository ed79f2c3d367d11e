internal import NIOCore
internal import NIOPosix
internal import NIOSSL

/// Opens connections: transport, TLS, password, database and name, all within the connect timeout.
struct ConnectionOpener: Sendable {
    typealias Push = @Sendable ([RedisValue]) -> Void

    let configuration: RedisConfiguration

    init(_ configuration: RedisConfiguration) {
        self.configuration = configuration
    }

    /// Opens a connection that has shown itself usable.
    /// - Parameter onPush: Called on the event loop with each published message.
    func open(_ address: RedisAddress, onPush: Push? = nil) async throws(RedisError) -> RedisConnection {
        let deadline = NIODeadline.now() + TimeAmount(configuration.connectTimeout)
        let connection = try await connect(address, onPush)
        do throws(RedisError) {
            try await greet(connection, deadline)
            return connection
        } catch {
            connection.drop(error)
            // The first cause counts: the greeting itself may only have learnt that the connection is gone.
            throw verdict(on: await connection.ending())
        }
    }

    /// A peer that accepts and then says nothing or hangs up may expect the other kind of connection.
    private func verdict(on error: RedisError) -> RedisError {
        switch (error.code, configuration.tls) {
        case (.timeout, nil): RedisError(.unavailable, error.message)
        case (.timeout, _): RedisError(.unavailable, "\(error.message); if it does not speak TLS, use redis://")
        case (.connectionLost, nil): RedisError(.unavailable, "\(error.message); if it expects TLS, use rediss://")
        case (.connectionLost, _): RedisError(.unavailable, error.message)
        default: error.with(maybeExecuted: false)
        }
    }

    private func connect(_ address: RedisAddress, _ onPush: Push?) async throws(RedisError) -> RedisConnection {
        do {
            let tls = try await tlsContext()
            let bootstrap = ClientBootstrap(
                group: configuration.loop?.eventLoop ?? MultiThreadedEventLoopGroup.singleton
            )
            .connectTimeout(TimeAmount(configuration.connectTimeout))
            let initialize: @Sendable (any Channel) -> EventLoopFuture<RedisConnection> = { channel in
                channel.eventLoop.makeCompletedFuture { try equip(channel, for: address, tls, onPush) }
            }
            guard let port = address.port else {
                return try await bootstrap.connect(unixDomainSocketPath: address.host, channelInitializer: initialize)
            }
            return try await bootstrap.connect(host: address.host, port: port, channelInitializer: initialize)
        } catch {
            throw RedisError(error, at: address)
        }
    }

    /// Builds the pipeline of one attempt; a name with two IP addresses makes two.
    private func equip(
        _ channel: any Channel, for address: RedisAddress, _ tls: NIOSSLContext?, _ onPush: Push?
    ) throws -> RedisConnection {
        let limits = ConnectionLimits(configuration)
        guard let reader = ReplyReader(limit: limits.replyBytes) else {
            throw RedisError(.unavailable, "there is no memory for a connection to \(address)")
        }
        if let tls {
            try channel.pipeline.syncOperations.addHandler(Self.tlsHandler(tls, address))
        }
        let outbox = Outbox()
        let closed = channel.eventLoop.makePromise(of: RedisError.self)
        let handler = RedisChannelHandler(
            address: address, outbox: outbox, reader: reader, limits: limits, closed: closed, onPush: onPush)
        do {
            try channel.pipeline.syncOperations.addHandler(handler)
        } catch {
            closed.succeed(RedisError(error, at: address))
            throw error
        }
        return RedisConnection(
            address: address, outbox: outbox, handler: NIOLoopBound(handler, eventLoop: channel.eventLoop),
            closed: closed.futureResult, commandTimeout: configuration.commandTimeout)
    }

    /// Read anew for each connection, so that a renewed certificate needs no restart; files are not the pool's job.
    private func tlsContext() async throws -> NIOSSLContext? {
        guard let tls = configuration.tls else { return nil }
        return try await NIOThreadPool.singleton.runIfActive { try tls.context() }
    }

    private static func tlsHandler(_ context: NIOSSLContext, _ address: RedisAddress) throws -> NIOSSLClientHandler {
        // An IP address may not be sent as a server name; the certificate is then checked against the peer's address.
        let isName = (try? SocketAddress(ipAddress: address.host, port: 0)) == nil && address.port != nil
        return try NIOSSLClientHandler(context: context, serverHostname: isName ? address.host : nil)
    }
}

// MARK: The greeting

extension ConnectionOpener {
    /// Password, database and name in one round trip.
    private func greet(_ connection: RedisConnection, _ deadline: NIODeadline) async throws(RedisError) {
        var commands: [RedisCommand] = []
        if let credentials = configuration.credentials { commands.append(credentials.command) }
        if configuration.database != 0 {
            commands.append(RedisCommand("SELECT", .integer(Int64(configuration.database))))
        }
        commands.append(configuration.clientName.map { RedisCommand("CLIENT", "SETNAME", .string($0)) } ?? Self.ping)
        let replies = try await connection.exchange(commands, deadline: deadline)
        for (command, reply) in zip(commands, replies) {
            if case .error(let error) = reply { try judge(error, command, connection.address) }
        }
    }

    private static let ping = RedisCommand("PING")

    private func judge(
        _ reply: RedisServerError, _ command: RedisCommand, _ address: RedisAddress
    ) throws(RedisError) {
        let error = RedisError(reply, to: command.name)
        switch (command.name, error.code) {
        case ("PING", .permission), ("CLIENT", .permission), ("PING", .loading), ("PING", .busy), ("PING", .server):
            // A user who may do little, or a server that is busy: the connection itself is good.
            return
        case ("AUTH", _):
            throw RedisError(.authentication, "\(address) refused the user or password: \(reply.message)")
        case (_, .authentication):
            throw RedisError(.authentication, "\(address) asks for a password: \(reply.message)")
        default:
            throw RedisError(error.code, "\(address): \(error.message)")
        }
    }
}
