/// A task as the command line and HTTP show it.
public struct StatusView: Encodable, Sendable {
    private let record: TaskRecord

    /// Shows a record.
    public init(_ record: TaskRecord) {
        self.record = record
    }

    private enum CodingKeys: String, CodingKey {
        case id, task, queue, status, progress, result, error, attempt, worker, timeline
        case maxAttempts = "max_attempts"
        case enqueuedAt = "enqueued_at"
        case dueAt = "due_at"
        case startedAt = "started_at"
        case finishedAt = "finished_at"
    }

    /// Writes the shape of the HTTP interface's `GET /status/{id}`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(record.id, forKey: .id)
        try container.encode(record.task, forKey: .task)
        try container.encode(record.queue, forKey: .queue)
        try container.encode(record.state, forKey: .status)
        try container.encodeIfPresent(progress, forKey: .progress)
        try container.encodeIfPresent(
            record.result.map { try PayloadCodec.decode(JSONValue.self, from: $0) }, forKey: .result)
        try container.encodeIfPresent(record.failure, forKey: .error)
        try container.encode(record.attempt, forKey: .attempt)
        try container.encodeIfPresent(record.maxAttempts, forKey: .maxAttempts)
        try container.encode(record.enqueuedAt, forKey: .enqueuedAt)
        try container.encodeIfPresent(record.dueAt, forKey: .dueAt)
        try container.encodeIfPresent(record.startedAt, forKey: .startedAt)
        try container.encodeIfPresent(record.finishedAt, forKey: .finishedAt)
        try container.encodeIfPresent(record.worker, forKey: .worker)
        try container.encode(record.timeline, forKey: .timeline)
    }

    /// The handler's own estimate of the rest, or else what the pace so far comes to.
    private var progress: TaskProgress? {
        guard var progress = record.progress, progress.etaSeconds == nil, progress.fraction > 0,
            let startedAt = record.startedAt
        else { return record.progress }
        let spent = max(0, (Timestamp.now - startedAt).inSeconds)
        progress.etaSeconds = (spent * (1 - progress.fraction) / progress.fraction * 10).rounded() / 10
        return progress
    }
}
