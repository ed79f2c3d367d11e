import DequeModule
import Synchronization
import TaskQueue

/// What this process delivered lately, so that one cause does not ring twice.
final class RecentAlerts: Sendable {
    private struct State {
        /// Who rang last for a fingerprint, and when.
        var owners = Aging<String, TaskID>(most: 10_000)
        /// Which channels have a task's alert.
        var deliveries = Aging<TaskID, Set<Int>>(most: 10_000)
    }

    private let state = Mutex(State())
    private let quietPeriod: Duration

    init(quietPeriod: Duration) {
        self.quietPeriod = quietPeriod
    }

    /// Whether this task may ring for a fingerprint; its own retries always may.
    func claim(_ fingerprint: String, for task: TaskID) -> Bool {
        state.withLock { state in
            let now = ContinuousClock.now
            if let owner = state.owners[fingerprint], owner.value != task, now - owner.at < quietPeriod { return false }
            state.owners.set(task, for: fingerprint, at: now)
            return true
        }
    }

    /// A task that did not get through makes way for the next of its kind.
    func giveUp(_ fingerprint: String, of task: TaskID) {
        state.withLock { state in
            if state.owners[fingerprint]?.value == task { state.owners.remove(fingerprint) }
        }
    }

    func wasDelivered(_ task: TaskID, to channel: Int) -> Bool {
        state.withLock { $0.deliveries[task]?.value.contains(channel) ?? false }
    }

    func remember(_ task: TaskID, deliveredTo channel: Int) {
        state.withLock { state in
            let channels = (state.deliveries[task]?.value ?? []).union([channel])
            state.deliveries.set(channels, for: task, at: .now)
        }
    }
}

/// A dictionary that forgets the oldest beyond a number of entries, in constant time.
private struct Aging<Key: Hashable & Sendable, Value: Sendable> {
    private var entries: [Key: (value: Value, at: ContinuousClock.Instant)] = [:]
    /// Every setting, the oldest first; one that was followed by another of its key says nothing any more.
    private var order: Deque<(key: Key, at: ContinuousClock.Instant)> = []
    private let most: Int

    init(most: Int) {
        self.most = most
    }

    subscript(key: Key) -> (value: Value, at: ContinuousClock.Instant)? { entries[key] }

    mutating func set(_ value: Value, for key: Key, at now: ContinuousClock.Instant) {
        entries[key] = (value, now)
        order.append((key, now))
        while order.count > most, let oldest = order.popFirst() {
            if entries[oldest.key]?.at == oldest.at { entries[oldest.key] = nil }
        }
    }

    mutating func remove(_ key: Key) {
        entries[key] = nil
    }
}
