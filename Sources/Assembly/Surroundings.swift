public import TaskQueue

/// What stands around a task: its queue, the workers, what waits ahead of it.
public struct Surroundings: Sendable {
    /// Whether its queue is paused.
    public var isPaused = false
    /// Every worker with a lease, be it lapsed.
    public var workers: [WorkerStatus] = []
    /// How many tasks of its queue were accepted earlier and could start, up to ``aheadMax``.
    public var ahead = 0
    /// Whether its message is kept as a dead letter.
    public var hasLetter = false
    /// The time now.
    public var now: Timestamp

    /// No more tasks ahead than this are counted.
    public static let aheadMax = 1000
    /// A task that could start is taken within this, if anyone takes it.
    private static let promptness = Duration.seconds(5)

    /// Nothing around, at a time.
    public init(now: Timestamp) {
        self.now = now
    }

    /// Reads what matters for a task in its state.
    /// - Throws: `StoreError`.
    init(of record: TaskRecord, in broker: any TaskBroker) async throws(StoreError) {
        now = .now
        guard !record.state.isFinal else {
            hasLetter = try await !broker.deadLetters([record.id], limit: 1).isEmpty
            return
        }
        workers = try await broker.workers()
        guard record.state != .processing else { return }
        isPaused = try await broker.queues().contains { $0.queue == record.queue && $0.isPaused }
        var filter = TaskFilter(limit: Self.aheadMax)
        filter.queue = record.queue
        filter.before = record.id
        let now = now
        ahead = try await broker.list(filter).count { $0.state != .processing && ($0.dueAt ?? now) <= now }
    }

    /// The dead stay on the books until a living worker sweeps them up.
    private var living: [WorkerStatus] { workers.filter { $0.leaseExpiresAt > now } }

    func reasonsToWait(_ record: TaskRecord) -> [Explanation.Reason] {
        var reasons: [Explanation.Reason] = []
        if let due = record.dueAt, due > now {
            reasons.append(.init(.scheduled, "It is to start at \(due), in \(words(due - now))."))
        }
        if let last = record.history.last, let failure = last.failure {
            reasons.append(
                .init(.retrying, "Attempt \(last.attempt) on \(last.worker) failed at \(last.finishedAt): \(failure)."))
        }
        if isPaused {
            let queue = record.queue
            reasons.append(.init(.paused, "Queue '\(queue)' is paused; 'queuectl resume \(queue)' lets it go on."))
        }
        if living.isEmpty {
            reasons.append(.init(.noWorkers, "No living worker has a lease: none runs, or none reaches this broker."))
        }
        guard !reasons.contains(where: { $0.cause != .retrying }) else { return reasons }
        return [reasonAmongWorkers(record)] + reasons
    }

    private func reasonAmongWorkers(_ record: TaskRecord) -> Explanation.Reason {
        let idle = living.count { $0.holding == 0 }
        let ready = max(record.enqueuedAt, record.dueAt ?? record.enqueuedAt)
        if !living.contains(where: { $0.report?.queues?.contains(record.queue) ?? true }) {
            return .init(
                .notTaken,
                "No living worker serves queue '\(record.queue)' (worker.queues); \(living.count) serve others.")
        }
        if idle > 0, now - ready > Self.promptness {
            return .init(
                .notTaken,
                "Workers have room (\(idle) of \(living.count) hold nothing), and none takes it: perhaps none serves "
                    + "queue '\(record.queue)' (--queues) or knows task '\(record.task)' (another version).")
        }
        if ahead > 0 {
            let most = ahead >= Self.aheadMax ? "at least " : ""
            return .init(
                .behind,
                "\(most)\(ahead) \(ahead == 1 ? "task" : "tasks") accepted earlier in queue '\(record.queue)' could start too, and more "
                    + "urgent ones go first.")
        }
        if idle == 0 {
            return .init(.workersBusy, "Every worker holds tasks (\(living.count) in all); it waits for a free slot.")
        }
        return .init(.next, "It can start now and is about to.")
    }

    func reasonsHeld(_ record: TaskRecord) -> [Explanation.Reason] {
        let since = record.startedAt.map { " since \($0), for \(words(now - $0))" } ?? ""
        let worker = record.worker ?? "a worker"
        let most = record.maxAttempts.map { " of \($0)" } ?? ""
        var reasons = [
            Explanation.Reason(.held, "Worker \(worker) holds it\(since); this is attempt \(record.attempt)\(most).")
        ]
        if let progress = record.progress {
            let message = progress.message.map { ": \($0)" } ?? ""
            reasons.append(.init(.held, "It is \(Int(progress.fraction * 100)) % done\(message)."))
        }
        if !living.contains(where: { $0.worker == worker }) {
            let sentence = "That worker's lease has lapsed; a living worker's next sweep lets the task run again."
            reasons.insert(.init(.leaseLapsed, sentence), at: 0)
        }
        return reasons
    }

    func reasonsEnded(_ record: TaskRecord) -> [Explanation.Reason] {
        let end = record.finishedAt.map { " at \($0)" } ?? ""
        let attempt = record.attempt > 0 ? " on attempt \(record.attempt)" : ""
        let who = record.worker.map { " by \($0)" } ?? ""
        let why = record.failure.map { ": \($0)" } ?? ""
        let verb =
            switch record.state {
            case .success: "succeeded"
            case .revoked: "was revoked"
            default: "failed for good"
            }
        var reasons = [Explanation.Reason(.ended, "It \(verb)\(end)\(attempt)\(who)\(why).")]
        reasons += record.history.compactMap { past in
            past.failure.map { .init(.retrying, "Attempt \(past.attempt) on \(past.worker) had failed: \($0).") }
        }
        if hasLetter {
            let commands = "'queuectl dead show \(record.id)' shows it, 'queuectl retry \(record.id)' submits it again"
            reasons.append(.init(.letterKept, "Its input is kept: \(commands)."))
        }
        return reasons
    }

    private func words(_ duration: Duration) -> String {
        let seconds = max(duration, .zero).components.seconds
        return seconds < 120 ? "\(seconds) s" : seconds < 7200 ? "\(seconds / 60) min" : "\(seconds / 3600) h"
    }
}
