public import TaskQueue

/// Why a task is not running, or why it ended as it did, in plain sentences.
///
/// A plain value made from what was read: what follows from what is tested without a store.
public struct Explanation: Encodable, Sendable {
    /// What holds a task back or brought it to its end.
    public enum Cause: String, Encodable, Sendable {
        /// Its time has not come.
        case scheduled
        /// Its queue is paused.
        case paused
        /// No worker has a lease.
        case noWorkers = "no_workers"
        /// Earlier tasks wait in its queue.
        case behind
        /// Workers have room, and none takes it.
        case notTaken = "not_taken"
        /// All workers hold tasks.
        case workersBusy = "workers_busy"
        /// It is about to start.
        case next
        /// An earlier attempt failed.
        case retrying
        /// A worker runs it.
        case held
        /// Its worker fell silent.
        case leaseLapsed = "lease_lapsed"
        /// It ended.
        case ended
        /// What failed can be tried again.
        case letterKept = "letter_kept"
    }

    /// One reason with its sentence.
    public struct Reason: Encodable, Hashable, Sendable {
        /// What it is.
        public let cause: Cause
        /// What a person reads.
        public let sentence: String

        init(_ cause: Cause, _ sentence: String) {
            self.cause = cause
            self.sentence = sentence
        }
    }

    /// The task.
    public let id: TaskID
    /// Where it is in its life.
    public let status: TaskState
    /// The reasons, the most important first; never none.
    public let reasons: [Reason]

    /// Explains a task from what is known about it.
    public init(_ record: TaskRecord, _ surroundings: Surroundings) {
        id = record.id
        status = record.state
        reasons =
            switch record.state {
            case .pending, .retry: surroundings.reasonsToWait(record)
            case .processing: surroundings.reasonsHeld(record)
            case .success, .failure, .revoked: surroundings.reasonsEnded(record)
            }
    }

    /// Reads what is needed and explains; nil for an id never seen or past its retention.
    /// - Throws: `StoreError`.
    public static func of(_ id: TaskID, in backend: Backend) async throws(StoreError) -> Explanation? {
        guard let record = try await backend.client.status(id) else { return nil }
        return Explanation(record, try await Surroundings(of: record, in: backend.broker))
    }
}
