import Metrics
import Redis
import Synchronization

/// Counts connections to the broker that were made in place of lost ones.
final class Reconnects: Sendable {
    private let lost = Mutex(0)
    private let counter = Counter(label: "taskqueue_broker_reconnects_total")

    func note(_ event: RedisEvent) {
        switch event {
        case .disconnected(_, let reason) where reason.code == .closed: break
        case .disconnected: lost.withLock { $0 += 1 }
        case .connected:
            let replacesLost = lost.withLock { lost in
                defer { lost = max(lost - 1, 0) }
                return lost > 0
            }
            if replacesLost { counter.increment() }
        case .connectFailed: break
        }
    }
}
