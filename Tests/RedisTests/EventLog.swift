import Redis
import Synchronization
import TestSupport
import Testing

/// Remembers what a client told about its connections.
final class EventLog: Sendable {
    private let events = Mutex<[RedisEvent]>([])

    func note(_ event: RedisEvent) { events.withLock { $0.append(event) } }

    /// How many connections became ready.
    var connected: Int { addresses.count }

    /// The addresses of the connections that became ready, in order.
    var addresses: [RedisAddress] {
        events.withLock { $0.compactMap { if case .connected(let address) = $0 { address } else { nil } } }
    }

    /// Why attempts to connect failed.
    var failures: [RedisError] {
        events.withLock { $0.compactMap { if case .connectFailed(let error, _, _) = $0 { error } else { nil } } }
    }

    /// Why the first attempt failed, once one has.
    func firstFailure() async throws -> RedisError {
        try await eventually("an attempt has failed") { !failures.isEmpty }
        return try #require(failures.first)
    }

    /// Why connections ended.
    var ends: [RedisError] {
        events.withLock { $0.compactMap { if case .disconnected(_, let error) = $0 { error } else { nil } } }
    }
}
