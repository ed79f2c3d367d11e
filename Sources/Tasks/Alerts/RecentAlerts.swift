import Synchronization
import TaskQueue

/// What this process delivered lately, so that one cause does not ring twice.
final class RecentAlerts: Sendable {
    private struct State {
        /// Who rang last for a fingerprint, and when.
        var owners: [String: (task: TaskID, at: ContinuousClock.Instant)] = [:]
        var deliveries: [TaskID: (channels: Set<String>, at: ContinuousClock.Instant)] = [:]
    }

    private let state = Mutex(State())
    private let quietPeriod: Duration

    /// Beyond this many the oldest are forgotten.
    private static let keptMax = 10_000
    /// Longer than any alert is tried.
    private static let deliveriesKept = Duration.seconds(3600)

    init(quietPeriod: Duration) {
        self.quietPeriod = quietPeriod
    }

    /// Whether this task may ring for a fingerprint; its own retries always may.
    func claim(_ fingerprint: String, for task: TaskID) -> Bool {
        state.withLock { state in
            let now = ContinuousClock.now
            if let owner = state.owners[fingerprint], owner.task != task, now - owner.at < quietPeriod { return false }
            if state.owners.count >= Self.keptMax {
                state.owners = state.owners.filter { now - $0.value.at < quietPeriod }
            }
            state.owners[fingerprint] = (task, now)
            return true
        }
    }

    /// A task that did not get through makes way for the next of its kind.
    func giveUp(_ fingerprint: String, of task: TaskID) {
        state.withLock { state in
            if state.owners[fingerprint]?.task == task { state.owners[fingerprint] = nil }
        }
    }

    func wasDelivered(_ task: TaskID, to channel: String) -> Bool {
        state.withLock { $0.deliveries[task]?.channels.contains(channel) ?? false }
    }

    func remember(_ task: TaskID, deliveredTo channel: String) {
        state.withLock { state in
            let now = ContinuousClock.now
            if state.deliveries.count >= Self.keptMax {
                state.deliveries = state.deliveries.filter { now - $0.value.at < Self.deliveriesKept }
            }
            state.deliveries[task, default: ([], now)].channels.insert(channel)
        }
    }
}
