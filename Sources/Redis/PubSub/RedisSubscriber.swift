public import Logging
internal import NIOCore
internal import Synchronization

/// Listens to published messages, over a connection of its own.
///
/// Redis keeps nothing for absent subscribers. After each reconnection every listener therefore gets a `.gap`: look
/// yourself at what the messages would have told you.
public final class RedisSubscriber: Sendable {
    /// What a listener hears.
    public enum Event: Hashable, Sendable {
        /// A published message.
        case message([UInt8])
        /// Messages may have been missed.
        case gap
    }

    /// Called on a network thread, so it must return at once: ring a bell, feed a stream.
    public typealias Listener = @Sendable (Event) -> Void

    private let listeners: Listeners
    private let link: RedisLink
    private let commandTimeout: Duration

    /// Makes a subscriber; connecting begins with the first subscription.
    /// - Parameters:
    ///   - configuration: The servers, secrets and deadlines.
    ///   - logger: Gets a line when the connection comes or goes.
    ///   - onEvent: Called when the connection comes or goes; must return at once.
    public init(
        _ configuration: RedisConfiguration, logger: Logger, onEvent: (@Sendable (RedisEvent) -> Void)? = nil
    ) {
        var own = configuration
        // Silence is normal here, so a dead connection shows only by asking; the sooner the smaller the gap.
        own.idleInterval = min(configuration.idleInterval, .seconds(5))
        let listeners = Listeners()
        self.listeners = listeners
        commandTimeout = configuration.commandTimeout
        link = RedisLink(
            own, own.locator, EventReporter(logger: logger, onEvent: onEvent),
            onPush: { listeners.hear($0) },
            prepare: { (connection) throws(RedisError) in try await listeners.resubscribe(connection) })
    }

    deinit {
        link.abandon()
    }

    /// Subscribes to a channel and returns once the server has confirmed it.
    ///
    /// A channel has one listener here; subscribing again replaces it.
    public func subscribe(to channel: String, _ listener: @escaping Listener) async throws(RedisError) {
        listeners.add(channel, listener)
        do throws(RedisError) {
            try await request("SUBSCRIBE", channel)
        } catch {
            listeners.remove(channel)
            throw error
        }
    }

    /// Ends a subscription; the listener hears nothing from now on.
    public func unsubscribe(from channel: String) async throws(RedisError) {
        listeners.remove(channel)
        try await request("UNSUBSCRIBE", channel)
    }

    /// Ends everything; later calls fail at once.
    public func close() async {
        await link.close()
    }

    private func request(_ name: String, _ channel: String) async throws(RedisError) {
        let deadline = NIODeadline.now() + TimeAmount(commandTimeout)
        _ = try await link.exchange([RedisCommand(name, .string(channel))], deadline: deadline).soleReply(to: name)
    }
}
