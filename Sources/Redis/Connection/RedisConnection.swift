internal import NIOCore

/// One connection to one server, with one life: once closed, for whatever reason, it stays closed.
///
/// Any number of callers may send at the same time; their commands share the connection, each gets its own replies.
/// ``RedisClient`` is what one normally uses; a connection of one's own is for commands that block, such as `BLPOP`.
public final class RedisConnection: Sendable {
    /// The server.
    public let address: RedisAddress

    private let outbox: Outbox
    private let handler: NIOLoopBound<RedisChannelHandler>
    private let closed: EventLoopFuture<RedisError>
    private let commandTimeout: Duration

    init(
        address: RedisAddress, outbox: Outbox, handler: NIOLoopBound<RedisChannelHandler>,
        closed: EventLoopFuture<RedisError>, commandTimeout: Duration
    ) {
        self.address = address
        self.outbox = outbox
        self.handler = handler
        self.closed = closed
        self.commandTimeout = commandTimeout
    }

    deinit {
        handler.closeSoon(RedisError(.closed, "the connection was released"))
    }

    /// Sends a command and awaits its reply.
    /// - Parameters:
    ///   - command: The command.
    ///   - timeout: How long to wait; nil for the configured command timeout. For a command that blocks give what it
    ///     blocks and a margin. When the time is over the connection is closed.
    /// - Throws: What went wrong, an error reply included.
    public func send(_ command: RedisCommand, timeout: Duration? = nil) async throws(RedisError) -> RedisValue {
        let replies = try await exchange([command], deadline: .now() + TimeAmount(timeout ?? commandTimeout))
        return try replies.soleReply(to: command.name)
    }

    /// Sends commands together and awaits all replies; error replies are values among them.
    public func pipeline(_ commands: [RedisCommand]) async throws(RedisError) -> [RedisValue] {
        try await exchange(commands, deadline: .now() + TimeAmount(commandTimeout))
    }

    /// Closes the connection once all replies that are due have come; may be called again.
    public func close() async {
        handler.closeSoon(RedisError(.closed, "the connection to \(address) was closed by its owner"))
        _ = await ending()
    }

    /// Waits until the connection is closed and says why it was.
    func ending() async -> RedisError {
        do {
            return try await closed.get()
        } catch {
            return RedisError(error, at: address)
        }
    }

    /// Closes the connection at once; everybody who waits gets the reason.
    func drop(_ reason: RedisError) {
        handler.onLoop { $0.end(reason) }
    }

    func exchange(_ commands: [RedisCommand], deadline: NIODeadline) async throws(RedisError) -> [RedisValue] {
        guard !commands.isEmpty else { return [] }
        let waiter = ReplyWaiter(count: commands.count, deadline: deadline)
        let answer: ReplyWaiter.Answer = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                guard waiter.begin(continuation) else { return }
                do throws(RedisError) {
                    if try outbox.add(commands, waiter) { handler.onLoop { $0.collect() } }
                } catch {
                    waiter.fail(error)
                }
            }
        } onCancel: {
            waiter.cancel()
        }
        return try answer.get()
    }
}

extension NIOLoopBound<RedisChannelHandler> {
    fileprivate func onLoop(_ body: @escaping @Sendable (RedisChannelHandler) -> Void) {
        eventLoop.execute { body(value) }
    }

    fileprivate func closeSoon(_ reason: RedisError) {
        onLoop { $0.closeGracefully(reason) }
    }
}

extension [RedisValue] {
    /// The reply to a command that was sent alone; throws it if it is an error.
    func soleReply(to command: String) throws(RedisError) -> RedisValue {
        guard let reply = first else {
            throw RedisError(.unexpectedReply, "no reply came to \(command)", maybeExecuted: true)
        }
        if case .error(let error) = reply { throw RedisError(error, to: command) }
        return reply
    }
}
