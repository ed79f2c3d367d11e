import Synchronization

/// Why an attempt was told to stop before its handler ended.
public enum StopCause: Hashable, Sendable {
    /// It ran past its soft limit.
    case timedOut
    /// Someone cancelled the task.
    case cancelled
    /// The worker is shutting down.
    case shutdown
    /// The worker's lease lapsed; someone else may be running the task now.
    case leaseLost
}

/// The strings by which a running attempt is held: its deadline, its cancellation, its progress.
///
/// One control may stand for several deliveries that a batch handler runs together; their end is one end.
final class AttemptControl: Sendable {
    let deliveries: [Delivery]
    let softLimit: Duration
    let hardLimit: Duration
    /// Where it stands in ``RunningAttempts``, whose owner's lock guards it.
    let place = Atomic(-1)
    private let onProgress: @Sendable () -> Void

    private struct State {
        var task: Task<Void, Never>?
        var cause: StopCause?
        var startedAt: ContinuousClock.Instant?
        var isOver = false
        var progress: [TaskID: TaskProgress] = [:]
    }

    private let state = Mutex(State())

    init(
        _ deliveries: [Delivery], softLimit: Duration, hardLimit: Duration, onProgress: @escaping @Sendable () -> Void
    ) {
        self.deliveries = deliveries
        self.softLimit = softLimit
        self.hardLimit = hardLimit
        self.onProgress = onProgress
    }

    var cause: StopCause? {
        state.withLock { $0.cause }
    }

    /// When its handler was reached; nil while it waits for a thread, which no limit counts.
    var startedAt: ContinuousClock.Instant? {
        state.withLock { $0.startedAt }
    }

    /// When it is asked to stop; nil before it began.
    var softDeadline: ContinuousClock.Instant? { startedAt.map { $0 + softLimit } }

    /// When it is given up; nil before it began.
    var hardDeadline: ContinuousClock.Instant? { startedAt.map { $0 + hardLimit } }

    /// Starts its clock; false if it was told to stop, or settled, before it got that far.
    /// - Parameter task: What runs it, unless that has been or will be handed over.
    func begin(in task: Task<Void, Never>? = nil) -> Bool {
        let now = ContinuousClock.now
        return state.withLock { state in
            if let task { state.task = task }
            guard state.cause == nil, !state.isOver else { return false }
            state.startedAt = now
            return true
        }
    }

    /// Hands over the task that runs the attempt; if it was told to stop before, it is cancelled now.
    func attach(_ task: Task<Void, Never>) {
        let stopped = state.withLock { state in
            state.task = task
            return state.cause != nil
        }
        if stopped { task.cancel() }
    }

    /// Cancels the attempt; the first cause is kept.
    func stop(_ cause: StopCause) {
        let task = state.withLock { state -> Task<Void, Never>? in
            // Its task may be running another attempt by now.
            guard !state.isOver else { return nil }
            if state.cause == nil { state.cause = cause }
            return state.task
        }
        task?.cancel()
    }

    /// What the end of an attempt means for the one who ended it.
    enum End {
        /// It is the caller's to settle; the task that ran it may run another, unless it was told to stop.
        case first(startedAt: ContinuousClock.Instant?, reusable: Task<Void, Never>?)
        /// Someone else has settled it.
        case late
    }

    /// Marks the attempt as over.
    ///
    /// Whoever is first settles it: the attempt itself or the one who abandons it.
    func end() -> End {
        state.withLock { state in
            defer { state.isOver = true }
            if state.isOver { return .late }
            return .first(startedAt: state.startedAt, reusable: state.cause == nil ? state.task : nil)
        }
    }

    func report(_ progress: TaskProgress, for id: TaskID) {
        let isFirst = state.withLock { state in
            guard !state.isOver else { return false }
            defer { state.progress[id] = progress }
            return state.progress.isEmpty
        }
        if isFirst { onProgress() }
    }

    /// The progress reported since the last call.
    func takeProgress() -> [TaskID: TaskProgress] {
        state.withLock { state in
            defer { state.progress = [:] }
            return state.progress
        }
    }
}
