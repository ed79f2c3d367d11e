/// What a key or token may do.
public enum Scope: String, Hashable, Sendable, CaseIterable, Codable {
    /// Submit tasks, and ask models.
    case enqueue
    /// See tasks, queues, workers and metrics.
    case read
    /// Cancel, retry, pause and resume.
    case operate
}
