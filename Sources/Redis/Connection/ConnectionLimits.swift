internal import NIOCore

/// The deadlines of one connection, in the event loop's units.
struct ConnectionLimits: Sendable {
    let commandTimeout: TimeAmount
    let idleInterval: TimeAmount
    let replyBytes: Int

    init(_ configuration: RedisConfiguration) {
        commandTimeout = TimeAmount(configuration.commandTimeout)
        idleInterval = TimeAmount(configuration.idleInterval)
        replyBytes = configuration.replyLimit
    }
}
