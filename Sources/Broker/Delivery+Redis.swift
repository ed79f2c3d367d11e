internal import Redis
internal import TaskQueue

extension Delivery {
    /// Reads one delivery as a script hands it out: id, value of `:tasks`, value of `:state` if there is one.
    ///
    /// A value that can't be read is delivered all the same, as undecodable, so that it ends among the dead letters.
    static func make(
        _ id: TaskID, _ value: RedisValue, _ state: StateValue, in queue: String, at now: Timestamp,
        ticket: UInt64 = 0
    ) -> (rank: UInt8, delivery: Delivery)? {
        guard let bytes = value.bytes else { return nil }
        let attempt = state.attempts + 1
        let task = TaskValue(bytes)
        let content: Result<TaskMessage, MessageError> =
            if let task {
                Result { () throws(MessageError) in try MessageCodec.decode(task.message) }
            } else {
                .failure(.truncated)
            }
        let delivery = Delivery(
            id: id, content: content, task: task?.task ?? "", queue: queue, fence: state.deliveries + 1,
            attempt: attempt, deaths: state.deaths, enqueuedAt: task?.enqueuedAt ?? now, claimedAt: now,
            isExpired: attempt == 1 && task?.expiresAt.map { $0 <= now } ?? false, isCancelled: state.isCancelled,
            history: state.history, ticket: ticket)
        return (task?.rank ?? 0, delivery)
    }
}
