public import Logging
internal import NIOCore

/// A Redis client: shares its connections among all callers and makes new ones when they break.
///
/// Connecting begins with the first command. A command that may have reached a server is never sent twice: its caller
/// gets an error that says so (``RedisError/maybeExecuted``).
public final class RedisClient: Sendable {
    /// What the client was made with.
    public let configuration: RedisConfiguration

    /// Runs tasks on the thread that the client's connections live on, which saves a task that mostly talks to the
    /// server half of its changes of threads.
    ///
    /// Such a task must not block, nor compute for long.
    public var executor: any TaskExecutor { loop }

    private let topology: any RedisTopology
    private let loop = ClientLoop()

    /// Makes a client.
    /// - Parameters:
    ///   - configuration: The servers, secrets and deadlines.
    ///   - logger: Gets a line when a connection comes or goes.
    ///   - onEvent: Called when a connection comes or goes; must return at once.
    public init(
        _ configuration: RedisConfiguration, logger: Logger, onEvent: (@Sendable (RedisEvent) -> Void)? = nil
    ) {
        var configuration = configuration
        configuration.loop = loop
        self.configuration = configuration
        topology = configuration.topology(EventReporter(logger: logger, onEvent: onEvent))
    }

    deinit {
        topology.abandon()
    }

    /// Sends a command and awaits its reply.
    /// - Throws: What went wrong, an error reply included.
    public func send(_ command: RedisCommand) async throws(RedisError) -> RedisValue {
        try await topology.exchange([command], deadline: deadline).soleReply(to: command.name)
    }

    /// Sends commands together and awaits all replies, in the same order; error replies are values among them.
    ///
    /// Commands for different nodes of a cluster run side by side.
    public func pipeline(_ commands: [RedisCommand]) async throws(RedisError) -> [RedisValue] {
        guard !commands.isEmpty else { return [] }
        return try await topology.exchange(commands, deadline: deadline)
    }

    /// Runs a script by its digest; a server that does not know it gets the text and runs it then.
    public func evaluate(
        _ script: RedisScript, keys: [RedisArgument] = [], arguments: [RedisArgument] = []
    ) async throws(RedisError) -> RedisValue {
        let call = script.call(keys: keys, arguments: arguments)
        do throws(RedisError) {
            return try await send(call)
        } catch {
            guard error.code == .noScript else { throw error }
            return try await send(script.callByText(call))
        }
    }

    /// Opens a connection for one caller alone, for commands that block; its owner closes it.
    /// - Parameter key: The key the commands will name; a cluster has it on a certain node.
    public func dedicatedConnection(for key: RedisArgument? = nil) async throws(RedisError) -> RedisConnection {
        try await topology.dedicatedConnection(for: key)
    }

    /// Lets replies that are due come, then closes; later calls fail at once.
    public func close() async {
        await topology.close()
    }

    private var deadline: NIODeadline { .now() + TimeAmount(configuration.commandTimeout) }
}
