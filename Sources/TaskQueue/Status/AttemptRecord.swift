/// What is kept about an attempt that did not end the task: the middle of its timeline.
public struct AttemptRecord: Hashable, Sendable, Codable {
    /// The attempt's number, from 1.
    public var attempt: Int
    /// Who ran it.
    public var worker: String
    /// When the worker took it.
    public var startedAt: Timestamp
    /// When it ended, or was found to be lost.
    public var finishedAt: Timestamp
    /// Why it was not the last; nil if it was handed back unstarted.
    public var failure: TaskFailure?

    private enum CodingKeys: String, CodingKey {
        case attempt, worker, failure
        case startedAt = "started_at"
        case finishedAt = "finished_at"
    }

    /// Attempts kept for one task; the oldest give way.
    public static let keptMax = 32

    /// Describes an ended attempt.
    public init(attempt: Int, worker: String, startedAt: Timestamp, finishedAt: Timestamp, failure: TaskFailure?) {
        self.attempt = attempt
        self.worker = worker
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.failure = failure
    }
}

extension [AttemptRecord] {
    /// Adds an attempt, letting the oldest go beyond ``AttemptRecord/keptMax``.
    public mutating func keep(_ attempt: AttemptRecord) {
        append(attempt)
        if count > AttemptRecord.keptMax { removeFirst(count - AttemptRecord.keptMax) }
    }
}
