internal import Logging
internal import NIOCore
internal import Synchronization

/// Keeps one connection to one place: opens it, watches it end, opens the next.
final class RedisLink: Sendable {
    /// What is done with each fresh connection before callers get it.
    typealias Prepare = @Sendable (RedisConnection) async throws(RedisError) -> Void

    private let configuration: RedisConfiguration
    private let locator: any RedisLocator
    private let reporter: EventReporter
    private let prepare: Prepare?
    private let onPush: ConnectionOpener.Push?
    private let slot = SharedSlot<RedisConnection>()
    private let loop = Mutex<Task<Void, Never>?>(nil)

    init(
        _ configuration: RedisConfiguration, _ locator: any RedisLocator, _ reporter: EventReporter,
        onPush: ConnectionOpener.Push? = nil, prepare: Prepare? = nil
    ) {
        self.configuration = configuration
        self.locator = locator
        self.reporter = reporter
        self.onPush = onPush
        self.prepare = prepare
    }

    /// Sends commands over the current connection, or over the next one if it comes before the deadline.
    ///
    /// Only commands whose bytes never left this process are sent over another connection.
    /// - Parameters:
    ///   - commands: The commands.
    ///   - deadline: Until when to wait for the replies.
    ///   - patience: Until when to wait for a connection.
    func exchange(
        _ commands: [RedisCommand], deadline: NIODeadline, patience: NIODeadline
    ) async throws(RedisError) -> [RedisValue] {
        startOnce()
        while true {
            let connection = try await slot.content(before: min(deadline, patience))
            do throws(RedisError) {
                let replies = try await connection.exchange(commands, deadline: deadline)
                if locator.followsMaster, let refusal = replies.firstReadOnly { connection.drop(refusal) }
                return replies
            } catch {
                guard error.code == .connectionLost, !error.maybeExecuted else { throw error }
                slot.empty(connection, error)
            }
        }
    }

    /// Opens one more connection, for its caller alone.
    func dedicatedConnection() async throws(RedisError) -> RedisConnection {
        if slot.isClosed { throw Self.closed }
        return try await open(onPush: nil)
    }

    /// Begins to connect before the first command asks for it.
    func startOnce() {
        loop.withLock { loop in
            if loop == nil, !slot.isClosed { loop = Task { await run() } }
        }
    }

    /// Lets replies that are due come, then closes.
    func close() async {
        await stop()?.close()
    }

    /// Closes without waiting.
    func abandon() {
        stop()?.drop(Self.closed)
    }

    private func stop() -> RedisConnection? {
        let connection = slot.close(Self.closed)
        loop.withLock { $0 }?.cancel()
        return connection
    }

    private static let closed = RedisError(.closed, "the Redis client was closed by its owner")

    // MARK: The loop

    private func run() async {
        var backOff = BackOff(configuration)
        while !Task.isCancelled {
            do throws(RedisError) {
                let connection = try await open(onPush: onPush)
                guard slot.fill(connection) else { return connection.drop(Self.closed) }
                backOff.reset()
                reporter.report(.connected(connection.address))
                await watch(connection)
            } catch {
                slot.note(error)
                let pause = backOff.next()
                reporter.report(.connectFailed(error, attempt: backOff.attempts, pause: pause))
                await sleep(pause)
            }
        }
    }

    private func watch(_ connection: RedisConnection) async {
        let start = ContinuousClock.now
        let reason = await connection.ending()
        slot.empty(connection, reason)
        reporter.report(.disconnected(connection.address, reason))
        // A server that accepts and hangs up at once must not be hammered.
        if start.duration(to: .now) < configuration.backOffMinimum { await sleep(configuration.backOffMinimum) }
    }

    private func open(onPush: ConnectionOpener.Push?) async throws(RedisError) -> RedisConnection {
        let address = try await locator.locate()
        let connection = try await ConnectionOpener(configuration).open(address, onPush: onPush)
        do throws(RedisError) {
            try await locator.verify(connection)
            try await prepare?(connection)
            return connection
        } catch {
            connection.drop(error)
            throw error
        }
    }

    private func sleep(_ pause: Duration) async {
        do {
            try await Task.sleep(for: pause)
        } catch {
            // Cancelled: the link was closed, and the loop's condition sees it.
        }
    }
}

extension [RedisValue] {
    /// The first refusal to write that a replica gave, as the reason to leave it.
    fileprivate var firstReadOnly: RedisError? {
        for case .error(let error) in self where error.prefix == "READONLY" {
            return RedisError(.connectionLost, "the server has become a replica")
        }
        return nil
    }
}
