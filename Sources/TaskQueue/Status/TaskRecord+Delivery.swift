extension TaskRecord {
    /// The final record of a delivery.
    /// - Parameters:
    ///   - delivery: What was held.
    ///   - state: A final state.
    ///   - time: When it became final, by the store's clock.
    ///   - worker: Who settles it.
    public init(settling delivery: Delivery, as state: TaskState, at time: Timestamp, worker: String) {
        self.init(
            id: delivery.id, task: delivery.task, queue: delivery.queue, state: state, enqueuedAt: delivery.enqueuedAt)
        attempt = delivery.attempt
        startedAt = delivery.claimedAt
        finishedAt = time
        self.worker = worker
        fence = delivery.fence
        history = delivery.history
        retention = delivery.message.resultRetention
    }
}
