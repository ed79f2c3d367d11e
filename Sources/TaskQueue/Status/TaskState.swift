/// Where a task is in its life.
///
/// `SUCCESS`, `FAILURE` and `REVOKED` are final and written once; ``canBecome(_:)`` is the table of legal moves.
public enum TaskState: String, Hashable, Sendable, Codable, CaseIterable {
    /// Accepted: ready, scheduled for later, or held back by a limit.
    case pending = "PENDING"
    /// A worker holds it.
    case processing = "PROCESSING"
    /// An attempt failed and another will follow.
    case retry = "RETRY"
    /// It ended well; its result is kept.
    case success = "SUCCESS"
    /// It ended badly; its failure is kept.
    case failure = "FAILURE"
    /// It was cancelled or expired before it could end.
    case revoked = "REVOKED"

    /// Whether the state is written once and never changes.
    public var isFinal: Bool {
        self == .success || self == .failure || self == .revoked
    }

    /// The states a task may move to from this one.
    ///
    /// `PROCESSING → PENDING` is a hand-back: an unstarted or interrupted attempt, or a lost lease, refunded.
    /// A waiting task can become REVOKED (cancelled, expired) or FAILURE (quarantined) without running again.
    public var successors: Set<TaskState> {
        switch self {
        case .pending: [.processing, .revoked, .failure]
        case .processing: [.pending, .retry, .success, .failure, .revoked]
        case .retry: [.processing, .revoked, .failure]
        case .success, .failure, .revoked: []
        }
    }

    /// Whether the move is legal.
    public func canBecome(_ next: TaskState) -> Bool {
        successors.contains(next)
    }
}
