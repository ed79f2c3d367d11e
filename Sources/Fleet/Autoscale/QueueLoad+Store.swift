public import TaskQueue

extension QueueLoad {
    /// What the queues of a store hold, workers' claims told apart by whether they can have started.
    ///
    /// The store counts what workers hold; how much of it runs follows from their slots. Of a handler that takes batches
    /// several tasks share a slot; how many did so when the worker last reported.
    public static func read(_ queues: [QueueStatus], _ workers: [WorkerStatus]) -> [QueueLoad] {
        let held = workers.reduce(0.0) { $0 + Double(max(0, $1.holding)) }
        let claims = workers.map(StartedClaims.init)
        let (slots, started) = (claims.reduce(0.0) { $0 + $1.slots }, claims.reduce(0.0) { $0 + $1.tasks })
        return queues.map { queue in
            let claimed = Double(max(0, queue.processing))
            // A claim that no known worker has is taken for one that runs.
            let running = held > 0 ? (claimed * slots / held).rounded(.up) : claimed
            let waiting = held > 0 ? (claimed * (held - started) / held).rounded(.down) : 0
            return QueueLoad(
                queue: queue.queue, ready: Int(exactly: Double(queue.ready) + waiting) ?? .max,
                running: Int(exactly: running) ?? queue.processing, meanService: queue.meanService,
                oldestAge: queue.oldestAge, isPaused: queue.isPaused)
        }
    }
}

/// How much of what a worker holds can have started.
private struct StartedClaims {
    let slots: Double
    let tasks: Double

    init(_ worker: WorkerStatus) {
        let holding = Double(max(0, worker.holding))
        guard let report = worker.report, report.slots > 0 else {
            (slots, tasks) = (holding, holding)
            return
        }
        let ran = Double(report.held) - Double(report.waiting)
        let perTask = ran > 0 && report.running > 0 ? min(Double(report.running) / ran, 1) : 1
        slots = min(holding * perTask, Double(report.slots))
        tasks = min(holding, Double(report.slots) / perTask)
    }
}
