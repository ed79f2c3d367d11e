/// One line about each metric that swift-metrics can't carry.
enum MetricHelp {
    private static let lines = [
        "taskqueue_tasks_total": "Tasks that this worker brought to an end, by their final state.",
        "taskqueue_task_duration_seconds": "How long attempts took.",
        "taskqueue_task_wait_seconds": "The longest wait for a first attempt among the tasks of one claim.",
        "taskqueue_retries_total": "Attempts that failed and will be followed by another.",
        "taskqueue_lease_lost_total": "Outcomes that were refused because the task had moved on.",
        "taskqueue_slots_abandoned_total": "Slots taken from attempts that were told to stop and did not.",
        "taskqueue_redeliveries_total": "Deliveries of tasks that had been delivered before.",
        "ml_predictions_total": "Answers of a model's version, remembered ones included, by label.",
        "ml_prediction_duration_seconds": "Where the time of an answer went: decode, prepare, infer.",
        "ml_prediction_cache_total": "Whether a picture's answer was remembered.",
        "ml_model_loads_total": "Versions that were loaded, could not be, or were let go.",
        "ml_model_drift": "Population stability index of the last answers against the model's reference.",
        "taskqueue_alerts_total": "Alerts that people were told of.",
        "taskqueue_sensor_anomalies_total": "Readings far from what their sensor usually says.",
        "taskqueue_broker_reconnects_total": "Broker connections made in place of lost ones.",
    ]

    static func of(_ name: String) -> String {
        lines[name] ?? "Counted through swift-metrics."
    }
}
