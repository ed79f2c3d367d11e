import TaskQueue

/// How many workers the backlog asks for, for KEDA's metrics API or an operator.
struct AutoscaleAdvice: Encodable, Sendable {
    struct Queue: Encodable, Sendable {
        let ready: Int
        let scheduled: Int
        let processing: Int
        let paused: Bool
        let oldest_age_seconds: Double
    }

    let queues: [String: Queue]
    let backlog: Int
    let workers: Int
    let desired_workers: Int

    /// Advises from what was read: what could run now or runs, by what one worker keeps up with.
    init(_ statuses: [QueueStatus], _ workers: [WorkerStatus], tasksPerWorker: Int, bounds: ClosedRange<Int>) {
        queues = statuses.reduce(into: [:]) { queues, status in
            queues[status.queue] = Queue(
                ready: status.ready, scheduled: status.scheduled, processing: status.processing,
                paused: status.isPaused, oldest_age_seconds: status.oldestAge?.inSeconds ?? 0)
        }
        // A worker can do nothing about what waits in a paused queue.
        backlog = statuses.reduce(0) { $0 + ($1.isPaused ? 0 : $1.ready) + $1.processing }
        self.workers = workers.count
        let wanted = (backlog + max(1, tasksPerWorker) - 1) / max(1, tasksPerWorker)
        desired_workers = min(max(wanted, bounds.lowerBound), bounds.upperBound)
    }
}
