internal import Logging

/// Tells the log and the owner what happens to connections.
struct EventReporter: Sendable {
    let logger: Logger
    let onEvent: (@Sendable (RedisEvent) -> Void)?

    func report(_ event: RedisEvent) {
        switch event {
        case .connected(let address):
            logger.info("redis connected", metadata: ["address": "\(address)"])
        case .disconnected(let address, let reason) where reason.code == .closed:
            logger.debug("redis connection closed", metadata: ["address": "\(address)"])
        case .disconnected(let address, let reason):
            logger.warning("redis connection lost", metadata: ["address": "\(address)", "error": "\(reason)"])
        case .connectFailed(let error, let attempt, let pause):
            logger.warning(
                "redis connection failed",
                metadata: ["error": "\(error)", "attempt": "\(attempt)", "retry_in": "\(pause)"])
        }
        onEvent?(event)
    }
}
