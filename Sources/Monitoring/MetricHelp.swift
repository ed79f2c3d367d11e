/// One line about each metric that swift-metrics can't carry.
enum MetricHelp {
    private static let lines = [
        "taskqueue_tasks_total": "Tasks that this worker brought to an end, by their final state.",
        "taskqueue_task_duration_seconds": "How long attempts took.",
        "taskqueue_task_wait_seconds": "The longest wait for a first attempt among the tasks of one claim.",
        "taskqueue_retries_total": "Attempts that failed and will be followed by another.",
        "taskqueue_lease_lost_total": "Outcomes that were refused because the task had moved on.",
        "taskqueue_redeliveries_total": "Deliveries of tasks that had been delivered before.",
        "taskqueue_broker_reconnects_total": "Broker connections made in place of lost ones.",
    ]

    static func of(_ name: String) -> String {
        lines[name] ?? "Counted through swift-metrics."
    }
}
