public import TaskQueue

/// How full this process's worker is.
public struct WorkerGauges: MetricsSource {
    private let worker: Worker

    /// Reads a worker.
    public init(_ worker: Worker) {
        self.worker = worker
    }

    /// Writes busy and free slots, and whether results can be recorded.
    public func write(to page: inout Exposition) async {
        let health = worker.health
        page.family("taskqueue_worker_slots", .gauge, help: "Room for attempts that run at once.")
        page.sample("taskqueue_worker_slots", Double(health.busy), [("state", "busy")])
        page.sample("taskqueue_worker_slots", Double(max(health.slots - health.busy, 0)), [("state", "free")])
        page.family("taskqueue_results_up", .gauge, help: "Whether outcomes could be recorded when last tried.")
        page.sample("taskqueue_results_up", health.resultTrouble == nil ? 1 : 0)
    }
}
