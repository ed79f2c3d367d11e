internal import DequeModule
internal import NIOCore

/// The event loop's side of a connection: sends what the outbox holds, hands replies to waiters in order.
///
/// Whatever goes wrong ends in ``end(_:)``, once; nobody is left waiting.
final class RedisChannelHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let address: RedisAddress
    private let outbox: Outbox
    private let reader: ReplyReader
    private let limits: ConnectionLimits
    private let onPush: (@Sendable ([RedisValue]) -> Void)?
    private let closed: EventLoopPromise<RedisError>

    private var context: ChannelHandlerContext?
    private var inFlight: Deque<ReplyWaiter> = []
    private var lastReply: NIODeadline
    private var watch: (scheduled: Scheduled<Void>, due: NIODeadline)?
    private var hasEnded = false
    private var isClosing = false

    init(
        address: RedisAddress, outbox: Outbox, reader: ReplyReader, limits: ConnectionLimits,
        closed: EventLoopPromise<RedisError>, onPush: (@Sendable ([RedisValue]) -> Void)?
    ) {
        self.address = address
        self.outbox = outbox
        self.reader = reader
        self.limits = limits
        self.closed = closed
        self.onPush = onPush
        lastReply = .now()
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        armWatch()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end(RedisError(.connectionLost, "the connection to \(address) is closed"))
        self.context = nil
    }

    /// Sends all that callers have left in the outbox.
    func collect() {
        // A slow peer: the outbox keeps its mark and channelWritabilityChanged comes back here.
        guard let context, !hasEnded, context.channel.isWritable else { return }
        guard let batch = outbox.collect() else { return }
        inFlight.append(contentsOf: batch.waiters)
        context.writeAndFlush(wrapOutboundOut(batch.bytes), promise: nil)
        if let first = inFlight.first, let watch, first.deadline < watch.due { armWatch() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        collect()
        context.fireChannelWritabilityChanged()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        lastReply = .now()
        let bytes = unwrapInboundIn(data)
        do throws(RedisError) {
            try bytes.withUnsafeReadableBytes { (raw) throws(RedisError) in try reader.feed(raw) }
            while !hasEnded, let reply = try reader.next() { try deliver(reply) }
        } catch {
            end(RedisError(error.code, "the connection to \(address) was closed: \(error.message)"))
        }
    }

    private func deliver(_ reply: RedisValue) throws(RedisError) {
        if let onPush, let push = reply.push { return onPush(push) }
        guard let waiter = inFlight.first else {
            throw RedisError(.protocolViolation, "a reply came that nobody had asked for")
        }
        guard waiter.add(reply) else { return }
        inFlight.removeFirst()
        if isClosing, inFlight.isEmpty { finishClosing() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(RedisError(.connectionLost, "\(address) closed the connection"))
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // A half-closed stream answers nothing any more.
        if case ChannelEvent.inputClosed = event {
            end(RedisError(.connectionLost, "\(address) closed the connection"))
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let cause = RedisError(error, at: address)
        end(cause.code == .unavailable ? RedisError(.connectionLost, cause.message) : cause)
    }
}

// MARK: Deadlines

extension RedisChannelHandler {
    /// Looks again when the oldest waiter's patience ends; one timer for all of them.
    private func armWatch() {
        guard let context, !hasEnded else { return }
        watch?.scheduled.cancel()
        // Not later than a whole command timeout from now: no command sent until then can be overdue sooner, so that
        // sending one never has to move the timer.
        var due = min(lastReply + limits.idleInterval, .now() + limits.commandTimeout)
        if let first = inFlight.first { due = min(due, first.deadline) }
        due = max(due, .now() + .milliseconds(1))
        watch = (context.eventLoop.assumeIsolated().scheduleTask(deadline: due) { self.look() }, due)
    }

    private func look() {
        let now = NIODeadline.now()
        if let first = inFlight.first, first.deadline <= now {
            end(RedisError(.timeout, "\(address) did not answer in time"))
        } else {
            if inFlight.isEmpty, lastReply + limits.idleInterval <= now { ping() }
            armWatch()
        }
    }

    /// Any answer will do, even a refusal: it proves that somebody is there.
    private func ping() {
        lastReply = .now()
        let waiter = ReplyWaiter(count: 1, deadline: .now() + limits.commandTimeout)
        // A closed outbox has told everybody already; there is nothing left to find out.
        if (try? outbox.add([RedisCommand("PING")], waiter)) == true { collect() }
    }
}

// MARK: The end

extension RedisChannelHandler {
    /// Closes once all replies that somebody waits for have come.
    func closeGracefully(_ reason: RedisError) {
        outbox.close(reason)
        collect()
        isClosing = true
        if !inFlight.contains(where: \.isAwaited) { finishClosing() }
    }

    private func finishClosing() {
        end(RedisError(.closed, "the connection to \(address) was closed by its owner"))
    }

    /// Fails everybody and closes the channel; the first reason counts.
    func end(_ reason: RedisError) {
        guard !hasEnded else { return }
        hasEnded = true
        watch?.scheduled.cancel()
        outbox.close(reason.code == .closed ? reason : RedisError(.connectionLost, reason.message))
        let unsent = outbox.collect()?.waiters ?? []
        for waiter in inFlight { waiter.fail(reason.with(maybeExecuted: true)) }
        for waiter in unsent { waiter.fail(RedisError(.connectionLost, reason.message)) }
        inFlight = []
        closed.succeed(reason)
        context?.close(promise: nil)
    }
}

extension RedisValue {
    /// The parts of a published message, if this is one.
    fileprivate var push: [RedisValue]? {
        guard case .array(let parts) = self, case .bytes(let kind) = parts.first else { return nil }
        return kind.elementsEqual("message".utf8) || kind.elementsEqual("pmessage".utf8) ? parts : nil
    }
}
