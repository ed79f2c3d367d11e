import Logging
import Synchronization

extension Worker {
    /// What the broker is told with a renewal.
    func report() -> WorkerReport {
        let residentBytes = program.residentBytes()
        let time = storeTime.withLock { $0 }
        var report = WorkerReport(startedAt: time.at(startedAt), reportedAt: time.now)
        report.name = configuration.name
        report.host = program.host
        report.pid = program.pid
        report.version = program.version
        report.residentBytes = residentBytes
        report.queues = configuration.queues?.sorted()
        let running = shared.withLock { shared in
            report.slots = shared.state.slots
            report.running = shared.state.busy
            report.waiting = shared.state.waiting
            report.abandoned = shared.abandoned
            report.isDraining = shared.state.phase != .running
            (report.serviceSeconds, report.timedQueues) = shared.services.means()
            return shared.running.all
        }
        report.held = report.waiting + running.reduce(0) { $0 + $1.deliveries.count }
        // One that waits for a thread has run for no time yet.
        let now = ContinuousClock.now
        let longest = running.map { ($0, $0.startedAt ?? now) }.sorted { $0.1 < $1.1 }.lazy.flatMap { control, since in
            control.deliveries.lazy.map { delivery in
                WorkerReport.Running(
                    id: delivery.id, task: delivery.task, queue: delivery.queue, since: time.at(since))
            }
        }
        report.tasks = Array(longest.prefix(WorkerReport.tasksMax))
        return report
    }

    /// Does what an operator says.
    func obey(_ order: WorkerOrder) {
        logger.notice("told by an operator", metadata: ["order": "\(order)"])
        switch order {
        case .drain: drain()
        case .resize(let slots): resize(slots: min(slots, WorkerConfiguration.slotsMax))
        case .logLevel(let level): program.setLogLevel(level)
        }
    }
}
