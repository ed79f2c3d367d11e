import Fleet
import Logging
import Synchronization
import TaskQueue

/// Ends a worker process that has done enough: asks its supervisor for a successor or, without one, drains.
final class Recycling: Sendable {
    private let worker: Worker
    private let program: WorkerProgram
    private let policy: RecyclingPolicy
    private let membership: Membership?
    private let logger: Logger
    private let startedAt = ContinuousClock.now
    private let reason = Mutex<RestartReason?>(nil)

    /// How often to look.
    static let interval = Duration.milliseconds(250)

    init(
        worker: Worker, program: WorkerProgram, policy: RecyclingPolicy, membership: Membership?, logger: Logger
    ) {
        self.worker = worker
        self.program = program
        self.policy = policy
        self.membership = membership
        self.logger = logger
    }

    /// Takes the worker's figures and does what they call for; once there was a reason, it stays.
    func look() {
        let health = worker.health
        let figures = MemberFigures(
            age: .now - startedAt, ended: health.ended,
            residentBytes: policy.residentBytes.flatMap { _ in program.residentBytes() },
            abandoned: health.abandoned)
        let (reason, isNew) = reason.withLock { known in
            let isNew = known == nil
            if known == nil { known = policy.reason(toReplace: figures) }
            return (known, isNew && known != nil)
        }
        if let reason, isNew {
            logger.notice(
                "the worker has done enough and makes room for a fresh one",
                metadata: [LogKeys.reason: "\(reason.rawValue)"])
        }
        if let membership {
            membership.tell(MemberReport(isReady: health.unreadiness == nil, busy: health.busy, recycle: reason))
        } else if isNew {
            worker.drain()
        }
    }
}
