import Fleet
import Monitoring

/// How many worker processes there are, and how often one was replaced.
struct FleetGauges: MetricsSource {
    private let supervisor: Supervisor

    init(_ supervisor: Supervisor) {
        self.supervisor = supervisor
    }

    func write(to page: inout Exposition) async {
        let census = supervisor.census
        page.family("taskqueue_fleet_workers", .gauge, help: "Worker processes of this fleet.")
        for (state, count) in [
            ("ready", census.ready), ("unready", census.unready), ("draining", census.draining),
            ("backing_off", census.backingOff),
        ] {
            page.sample("taskqueue_fleet_workers", Double(count), [("state", state)])
        }
        page.family("taskqueue_fleet_workers_desired", .gauge, help: "Worker processes that there should be.")
        page.sample("taskqueue_fleet_workers_desired", Double(census.desired))
        page.family("taskqueue_fleet_restarts_total", .counter, help: "Workers started in place of others.")
        for reason in RestartReason.allCases {
            let count = census.restarts[reason] ?? 0
            page.sample("taskqueue_fleet_restarts_total", Double(count), [("reason", reason.rawValue)])
        }
    }
}
