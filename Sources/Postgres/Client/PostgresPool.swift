internal import Blocking
public import Logging
internal import Synchronization

/// A bounded number of connections, each used by one caller at a time on a thread that may block.
///
/// Connections are opened when they are needed. One that broke, fell silent, was cancelled, or was closed by the server
/// while nobody used it, is thrown away.
public final class PostgresPool: Sendable {
    /// Where it connects to.
    public let configuration: PostgresConfiguration

    private struct State {
        var idle: [PostgresConnection] = []
        var waiting = 0
    }

    private let state = Mutex(State())
    private let threads: BlockingPool
    private let logger: Logger

    /// Makes a pool; connecting begins with the first use.
    public init(_ configuration: PostgresConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        threads = BlockingPool(label: "tq-postgres", threads: configuration.connectionsMax)
    }

    /// Runs the body with a connection, on a thread that may block.
    ///
    /// If the calling task is cancelled, the statement that runs is cancelled on the server.
    /// - Parameters:
    ///   - limit: How long it may take, waiting included; nil for the configured time.
    ///   - body: What to do; the connection is its own until it returns, and no longer.
    /// - Throws: What the body throws; `busy` if no connection became free, `unavailable` if none could be made.
    public func use<Value: Sendable>(
        within limit: Duration? = nil,
        _ body: @escaping @Sendable (PostgresConnection) throws(PostgresError) -> Value
    ) async throws(PostgresError) -> Value {
        let patience = limit ?? configuration.timeout
        let deadline = ContinuousClock.now + patience
        let isWelcome = state.withLock { state in
            guard state.waiting < configuration.waitersMax else { return false }
            state.waiting += 1
            return true
        }
        guard isWelcome else { throw PostgresError(.busy, "too many callers wait for a connection to PostgreSQL") }
        let request = PoolRequest<Value>()
        let timer = TimerThread.shared.after(patience) { request.expire() }
        defer { TimerThread.shared.cancel(timer) }
        let result = await withTaskCancellationHandler {
            Task(executorPreference: threads) { self.serve(request, deadline, body) }
            return await request.answer()
        } onCancel: {
            request.cancel()
        }
        return try result.get()
    }

    /// Runs one statement on any connection.
    @discardableResult
    public func execute(
        _ statement: PostgresStatement, _ parameters: [PostgresParameter] = []
    ) async throws(PostgresError) -> PostgresRows {
        try await use { (connection) throws(PostgresError) in try connection.execute(statement, parameters) }
    }

    private func serve<Value: Sendable>(
        _ request: PoolRequest<Value>, _ deadline: ContinuousClock.Instant,
        _ body: (PostgresConnection) throws(PostgresError) -> Value
    ) {
        state.withLock { $0.waiting -= 1 }
        guard request.begin() else { return }
        let result: Result<Value, PostgresError>
        do throws(PostgresError) {
            let connection = try take()
            connection.deadline = deadline
            request.hold(connection.canceller)
            defer { giveBack(connection) }
            result = .success(try body(connection))
        } catch {
            result = .failure(error)
        }
        request.finish(result)
    }

    private func take() throws(PostgresError) -> PostgresConnection {
        while let connection = state.withLock({ $0.idle.popLast() }) {
            if connection.isFresh { return connection }
        }
        let connection = try PostgresConnection(configuration)
        logger.debug("connected to PostgreSQL", metadata: ["server": "\(configuration.description)"])
        return connection
    }

    private func giveBack(_ connection: PostgresConnection) {
        guard connection.isFresh else { return }
        state.withLock { $0.idle.append(connection) }
    }
}
