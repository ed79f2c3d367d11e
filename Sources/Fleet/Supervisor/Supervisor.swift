import Blocking
public import Logging
public import ServiceLifecycle
import Synchronization
import TaskQueue

/// Keeps as many worker processes running as are wanted, until it is told to stop.
///
/// It decides nothing: ``FleetState`` does. It carries events there and actions out.
public final class Supervisor: Service {
    private let program: MemberProgram
    private let logger: Logger
    private let onPage: @Sendable (_ page: String?, _ member: Int) -> Void
    private let events = AsyncStream<FleetEvent>.makeStream()
    private let shared: Mutex<Shared>

    private struct Shared {
        var state: FleetState
        var children: [FleetMember.ID: ChildWorker] = [:]
        var lastStep = ContinuousClock.now
        var wake: TimerThread.Token?
    }

    /// Makes a supervisor; ``run()`` starts it.
    /// - Parameter onPage: Called with what a worker counted, by the number of its start; with nil when it has ended.
    public init(
        _ program: MemberProgram, desired: Int, policy: RestartPolicy = RestartPolicy(), logger: Logger,
        onPage: @escaping @Sendable (_ page: String?, _ member: Int) -> Void = { _, _ in }
    ) {
        self.program = program
        self.onPage = onPage
        self.logger = logger
        shared = Mutex(Shared(state: FleetState(desired: desired, policy: policy)))
    }

    /// Supervises until a graceful shutdown, a cancellation or ``stop()``; returns when no worker is left.
    public func run() async {
        logger.info("fleet started", metadata: ["program": "\(program.path)", "workers": "\(census.desired)"])
        let ticks = TimerThread.shared.every(Self.tickInterval) { [events] in events.continuation.yield(.tick) }
        let looks = watchProgram()
        events.continuation.yield(.tick)
        // Unstructured, because cancellation means "drain", not "look away".
        let loop = Task { for await event in events.stream { self.step(event) } }
        await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                await loop.value
            } onGracefulShutdown: {
                self.drain()
            }
        } onCancel: {
            self.drain()
        }
        TimerThread.shared.cancel(ticks)
        TimerThread.shared.cancel(looks)
        logger.info("fleet stopped")
    }

    /// Drains all workers; told again, has them hand back what they run.
    public func stop() {
        events.continuation.yield(.stop)
    }

    /// Replaces all workers, one by one.
    public func roll(_ reason: RestartReason) {
        events.continuation.yield(.roll(reason))
    }

    /// Starts or drains workers until there are so many.
    public func resize(to count: Int) {
        events.continuation.yield(.resized(count))
    }

    /// How many workers there are, and in which state.
    public var census: FleetCensus { shared.withLock { $0.state.census } }

    /// How long ago it last looked after its workers, or was made.
    public var sinceStep: Duration { shared.withLock { .now - $0.lastStep } }

    private static let tickInterval = Duration.seconds(1)

    /// An orderly end of the process, asked for any number of times.
    private func drain() {
        if !census.isStopping { stop() }
    }

    private func watchProgram() -> TimerThread.Token {
        let watch = Mutex(ProgramWatch(ProgramWatch.Stamp(path: program.path)))
        return TimerThread.shared.every(Self.tickInterval) { [self] in
            let stamp = ProgramWatch.Stamp(path: program.path)
            if watch.withLock({ $0.look(stamp) }) { roll(.binary) }
        }
    }

    private func step(_ event: FleetEvent) {
        let actions = shared.withLock { shared in
            let now = ContinuousClock.now
            shared.lastStep = now
            if case .ended(let id, _) = event { shared.children[id] = nil }
            return shared.state.step(event, at: now)
        }
        for action in actions { perform(action) }
        wakeWhenDue()
    }

    /// What waits for its time is looked at then, and not a tick later.
    private func wakeWhenDue() {
        shared.withLock { shared in
            shared.wake.map(TimerThread.shared.cancel)
            shared.wake = shared.state.nextDue.map { due in
                TimerThread.shared.after(max(due - .now, .milliseconds(1))) { [events] in
                    events.continuation.yield(.tick)
                }
            }
        }
    }

    private func perform(_ action: FleetAction) {
        switch action {
        case .start(let member, let reason): start(member, reason)
        case .drain(let member, let reason):
            logger.info("draining a worker", metadata: describe(member, [LogKeys.reason: "\(reason)"]))
            shared.withLock { $0.children[member.id] }?.drain()
        case .handBack(let member):
            logger.notice("a worker is to hand back what it runs", metadata: describe(member))
            shared.withLock { $0.children[member.id] }?.drain()
        case .finish: events.continuation.finish()
        }
    }

    private func start(_ member: FleetMember, _ reason: RestartReason?) {
        let child = ChildWorker(program, member)
        shared.withLock { $0.children[member.id] = child }
        let metadata = describe(member, reason.map { [LogKeys.reason: "\($0.rawValue)"] } ?? [:])
        // Unstructured: a process that runs is waited for, whatever becomes of the supervisor's own task.
        Task { [events, logger, onPage] in
            let end = await child.run { pid in
                logger.info("worker process started", metadata: metadata.merging(["pid": "\(pid)"]) { $1 })
            } onMessage: { message in
                switch message {
                case .report(let report): events.continuation.yield(.reported(member.id, report))
                case .page(let page): onPage(page, member.id)
                }
            }
            onPage(nil, member.id)
            logger.log(
                level: end.isGood || child.isLeaving ? .info : .error, "worker process ended",
                metadata: metadata.merging([LogKeys.reason: "\(end)"]) { $1 })
            events.continuation.yield(.ended(member.id, end))
        }
    }

    private func describe(_ member: FleetMember, _ more: Logger.Metadata = [:]) -> Logger.Metadata {
        more.merging([LogKeys.worker: "\(program.name)-\(member.number)", "start": "\(member.id)"]) { $1 }
    }
}
