import Metrics
import Synchronization

/// The worker's metrics, under the names that dashboards know.
final class WorkerTelemetry: Sendable {
    private struct Key: Hashable {
        let task: String
        let queue: String
        let state: TaskState
    }

    private let ended = Mutex<[Key: Counter]>([:])
    private let durations: [String: Timer]
    private let waits = Mutex<[String: Timer]>([:])
    private let retried = Mutex<[String: Counter]>([:])
    private let factory: any MetricsFactory
    private let redeliveries: Counter
    private let leasesLost: Counter

    /// Makes metrics by the factory in force here; the attempts that report later run anywhere.
    /// - Parameter tasks: The names of what may run.
    init(tasks: [String]) {
        let factory = MetricsSystem.factory
        self.factory = factory
        durations = tasks.reduce(into: [:]) { timers, task in
            timers[task] = Timer(
                label: "taskqueue_task_duration_seconds", dimensions: [("task", task)], factory: factory)
        }
        redeliveries = Counter(label: "taskqueue_redeliveries_total", factory: factory)
        leasesLost = Counter(label: "taskqueue_lease_lost_total", factory: factory)
    }

    /// Counts what the broker accepted; a whole batch at once, because a counter each would cost more than the task.
    func settled(_ settlements: [Settlement], lost: Set<TaskID>) {
        var ends = Runs<Key>()
        var retries = Runs<String>()
        for settlement in settlements where !lost.contains(settlement.id) {
            switch settlement.verdict {
            case .finish(let record):
                ends.add(Key(task: settlement.task, queue: settlement.queue, state: record.state))
            case .retry: retries.add(settlement.task)
            case .snooze, .handBack: break
            }
        }
        for (key, count) in ends.all { counter(key).increment(by: count) }
        for (task, count) in retries.all { retryCounter(task).increment(by: count) }
        if !lost.isEmpty { leasesLost.increment(by: lost.count) }
    }

    /// Records, of each claim, the longest that a task of a queue waited for its first delivery.
    func claimed(_ deliveries: [Delivery]) {
        var longest: [(queue: String, wait: Duration)] = []
        // Earlier attempts and back-off are no waiting.
        for delivery in deliveries where delivery.fence == 1 {
            let wait = delivery.claimedAt - delivery.enqueuedAt
            // A worker serves few queues.
            if let index = longest.firstIndex(where: { $0.queue == delivery.queue }) {
                longest[index].wait = max(longest[index].wait, wait)
            } else {
                longest.append((delivery.queue, wait))
            }
        }
        for (queue, wait) in longest {
            timer(waits, "taskqueue_task_wait_seconds", "queue", queue).recordNanoseconds(Int64(wait.inSeconds * 1e9))
        }
        let again = deliveries.count { $0.fence > 1 }
        if again > 0 { redeliveries.increment(by: again) }
    }

    func ran(_ task: String, for seconds: Double) {
        durations[task]?.recordNanoseconds(Int64(seconds * 1e9))
    }

    /// Counts a slot that was taken from an attempt.
    func abandoned(_ task: String) {
        Counter(label: "taskqueue_slots_abandoned_total", dimensions: [("task", task)], factory: factory).increment()
    }

    private func counter(_ key: Key) -> Counter {
        ended.withLock { counters in
            if let counter = counters[key] { return counter }
            let dimensions = [("task", key.task), ("queue", key.queue), ("state", key.state.rawValue)]
            let counter = Counter(label: "taskqueue_tasks_total", dimensions: dimensions, factory: factory)
            counters[key] = counter
            return counter
        }
    }

    private func retryCounter(_ task: String) -> Counter {
        retried.withLock { counters in
            if let counter = counters[task] { return counter }
            let counter = Counter(label: "taskqueue_retries_total", dimensions: [("task", task)], factory: factory)
            counters[task] = counter
            return counter
        }
    }

    private func timer(
        _ timers: borrowing Mutex<[String: Timer]>, _ label: String, _ dimension: String, _ value: String
    ) -> Timer {
        timers.withLock { timers in
            if let timer = timers[value] { return timer }
            let timer = Timer(label: label, dimensions: [(dimension, value)], factory: factory)
            timers[value] = timer
            return timer
        }
    }
}

/// Counts of things of which equal ones mostly follow each other.
private struct Runs<Key: Equatable> {
    private(set) var all: [(key: Key, count: Int)] = []

    mutating func add(_ key: Key) {
        if let last = all.indices.last, all[last].key == key {
            all[last].count += 1
        } else {
            all.append((key, 1))
        }
    }
}
