import Blocking
import Logging
import Synchronization

/// The last rung of the ladder for an attempt that was told to stop and does not: its slot is taken from it.
///
/// What it holds on to can't be had back, a thread or memory; so whoever runs the worker should replace its process soon
/// (``WorkerHealth/abandoned``), and a worker that has abandoned too many drains by itself.
extension Worker {
    /// The end of a drain: what still runs is handed back while it runs; its end will change nothing.
    func abandonRunning() {
        for control in shared.withLock({ $0.running.all }) { abandon(control) }
    }

    /// Settles an attempt in its place and gives its slot to the next; nothing if it has ended.
    func abandon(_ control: AttemptControl) {
        guard case .first(let startedAt, _) = control.end() else { return }
        guard let first = control.deliveries.first, let task = registry[first.task] else { return }
        let count = shared.withLock { shared in
            shared.abandoned += 1
            return shared.abandoned
        }
        // It may block a thread of the pool, which others wait for.
        if task.policy.place == .threads { threads.addThread() }
        telemetry.abandoned(first.task)
        logger.error(
            "abandoned an attempt that does not stop; what it holds is lost until it does",
            metadata: [LogKeys.task: "\(first.task)", LogKeys.taskID: "\(first.id)", LogKeys.count: "\(count)"])
        let outcome = Attempt.outcome(ofAbandoned: control)
        if let next = finish(control, task, control.deliveries.map { _ in outcome }, startedAt: startedAt) {
            start(next)
        }
        ring()
        guard count >= configuration.abandonedMax else { return }
        logger.error("too many attempts were abandoned; the worker ends", metadata: [LogKeys.count: "\(count)"])
        drain()
    }

    /// An attempt that was abandoned has ended after all.
    func retrieve(_ task: RegisteredTask) {
        logger.warning("an abandoned attempt ended after all", metadata: [LogKeys.task: "\(task.name)"])
        shared.withLock { $0.abandoned -= 1 }
        if task.policy.place == .threads { threads.removeThread() }
    }
}
