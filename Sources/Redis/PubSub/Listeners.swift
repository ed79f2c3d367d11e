internal import Synchronization

/// The channels of a subscriber and who listens to each.
final class Listeners: Sendable {
    private struct State {
        var byChannel: [String: RedisSubscriber.Listener] = [:]
        var hasBeenConnected = false
    }

    private let state = Mutex(State())

    func add(_ channel: String, _ listener: @escaping RedisSubscriber.Listener) {
        state.withLock { $0.byChannel[channel] = listener }
    }

    func remove(_ channel: String) {
        _ = state.withLock { $0.byChannel.removeValue(forKey: channel) }
    }

    /// Passes a published message on: its kind, its channel, its payload.
    func hear(_ push: [RedisValue]) {
        guard push.count == 3, let channel = push[1].string, let payload = push[2].bytes else { return }
        state.withLock { $0.byChannel[channel] }?(.message(payload))
    }

    /// Subscribes a fresh connection to everything and tells the listeners what that may have cost.
    func resubscribe(_ connection: RedisConnection) async throws(RedisError) {
        let channels = state.withLock { Array($0.byChannel.keys) }
        let replies = try await connection.pipeline(channels.map { RedisCommand("SUBSCRIBE", .string($0)) })
        for case .error(let error) in replies { throw RedisError(error, to: "SUBSCRIBE") }
        let missed = state.withLock { state in
            defer { state.hasBeenConnected = true }
            return state.hasBeenConnected ? Array(state.byChannel.values) : []
        }
        for listener in missed { listener(.gap) }
    }
}
