import Blocking
public import Logging
public import ServiceLifecycle
import Synchronization

/// Claims tasks, runs their handlers and settles them, until it is told to drain.
///
/// A line of trade with the broker, or two; attempts run beside it, each in a task of its own; a thread that nothing else
/// uses keeps the lease. Duties of their own have files of their own: `Worker+Loop` (trade), `Worker+Ledger` (record),
/// `Worker+Attempts` (run), `Worker+Lease` (stay alive, stop what must stop).
public final class Worker: Service {
    /// The worker's id, unique to this start.
    public let id: String

    let broker: any TaskBroker
    let results: any ResultStore
    let registry: TaskRegistry
    let configuration: WorkerConfiguration
    let workplace: Workplace
    let program: WorkerProgram
    let startedAt = ContinuousClock.now
    let logger: Logger
    let lease: WorkerLease
    let telemetry: WorkerTelemetry
    /// One for each line of the trade.
    let bells: [Doorbell]
    let ledgerBell = Doorbell()
    let leaveBell = Doorbell()
    let threads: BlockingPool
    let taskNames: Set<String>
    let leaseThread = BlockingPool(label: "tq-lease", threads: 1)
    let tradeThread: any TaskExecutor
    let ledgerThread = BlockingPool(label: "tq-ledger", threads: 1)
    let shared: Mutex<Shared>
    /// Apart from the rest: every attempt reads it once more than it takes the other lock.
    let storeTime = Mutex(StoreTime())

    /// What the loop, the attempts and the lease thread share; held for moments, never across a wait.
    struct Shared {
        var state: WorkerState
        var running = RunningAttempts()
        var services = ServiceTimes()
        var lastExchange = ContinuousClock.now
        var hasExchanged = false
        /// Why the last exchange failed; nil once one succeeds.
        var trouble: StoreError?
        /// Why the result store could not be used; nil once it can.
        var resultTrouble: StoreError?
        var lastRenewal = ContinuousClock.now
        var isRenewing = false
        var mustReport = false
        /// From then on nothing may make the worker known again.
        var hasLeft = false
        /// A line of the trade has stopped trying to tell what is left; the others need not try as often again.
        var hasGivenUp = false
        /// Renewals whose answers are awaited.
        var renewals = 0
        var due = NextDue()
        /// The kind of task that was started last; the next is mostly of the same.
        var recentTask: RegisteredTask?
        /// Lines of the trade that wait at their bells.
        var idleLines: [Int] = []
        /// When something last ended or came.
        var lastMove = ContinuousClock.now
        /// A ring for outcomes that wait for company is on its way.
        var isRingDue = false
        var abandoned = 0
    }

    /// Makes a worker; ``run()`` starts it.
    public init(
        broker: any TaskBroker, results: any ResultStore, registry: TaskRegistry, configuration: WorkerConfiguration,
        middleware: [any TaskMiddleware] = [], program: WorkerProgram = WorkerProgram(), logger: Logger
    ) {
        self.broker = broker
        self.results = results
        self.registry = registry
        self.configuration = configuration
        self.program = program
        lease = WorkerLease(newWorkerNamed: configuration.name, duration: configuration.leaseDuration)
        id = lease.worker
        var logger = logger
        logger[metadataKey: LogKeys.worker] = "\(lease.worker)"
        self.logger = logger
        workplace = Workplace(worker: lease.worker, middleware: middleware, logger: logger)
        taskNames = Set(registry.names)
        tradeThread = broker.executor ?? BlockingPool(label: "tq-trade", threads: 1)
        bells = (0..<max(1, broker.exchangesMax)).map { _ in Doorbell() }
        telemetry = WorkerTelemetry(tasks: registry.names)
        threads = BlockingPool(label: "tq-handler", threads: configuration.threads)
        shared = Mutex(
            Shared(
                state: WorkerState(
                    slots: configuration.concurrency, claimMax: configuration.claimMax,
                    exchangesMax: broker.exchangesMax, lookahead: configuration.lookahead,
                    recordsFirst: !broker.recordsOutcomes)))
    }

    /// Works until a graceful shutdown, a cancellation or ``drain()``; returns when nothing is held any more.
    public func run() async {
        logger.info(
            "worker started", metadata: ["tasks": "\(registry.names)", "slots": "\(configuration.concurrency)"])
        await register()
        let subscription = broker.onWork { self.knock() }
        let timers = startTimers()
        // Unstructured, because cancellation means "drain", not "drop what was about to be settled". On a thread of its
        // own, so that work is fetched and told while handlers keep every core busy.
        let lines = bells.indices.map { line in Task(executorPreference: tradeThread) { await self.trade(line) } }
        let ledger = Task(executorPreference: ledgerThread) { await self.keepLedger() }
        await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                for line in lines { await line.value }
            } onGracefulShutdown: {
                self.drain()
            }
        } onCancel: {
            self.drain()
        }
        await ledger.value
        subscription.end()
        for timer in timers { TimerThread.shared.cancel(timer) }
        await leave()
        logger.info("worker stopped")
    }

    /// Stops claiming, hands back what has not started, gives running tasks the grace and then stops them.
    public func drain() {
        let isFirst = shared.withLock { shared in
            defer { shared.state.drain() }
            return shared.state.phase == .running
        }
        guard isFirst else { return }
        logger.info("draining", metadata: [LogKeys.delaySeconds: "\(configuration.grace.inSeconds)"])
        ring()
        ledgerBell.ring()
        TimerThread.shared.after(configuration.grace) { [weak self] in self?.handBackNow() }
    }

    /// Stops running tasks at once and hands them back, the attempts refunded.
    public func handBackNow() {
        drain()
        let controls = shared.withLock { shared in
            shared.state.stop()
            return shared.running.all
        }
        for control in controls { control.stop(.shutdown) }
        TimerThread.shared.after(configuration.stopTimeout) { [weak self] in self?.abandonRunning() }
        ring()
    }

    /// How many attempts may run at once from now on, at least 1.
    ///
    /// Running attempts go on; fewer slots hold after enough of them have ended.
    public func resize(slots: Int) {
        shared.withLock { $0.state.resize(slots: slots) }
        startReady()
        ring()
    }

    /// How the worker is, read at this moment.
    public var health: WorkerHealth {
        shared.withLock { shared in
            let now = ContinuousClock.now
            return WorkerHealth(
                isDraining: shared.state.phase != .running, hasExchanged: shared.hasExchanged,
                sinceExchange: now - shared.lastExchange, sinceRenewal: now - shared.lastRenewal,
                trouble: shared.trouble, resultTrouble: shared.resultTrouble, slots: shared.state.slots,
                busy: shared.state.busy, meanService: shared.state.meanService, ended: shared.state.ended,
                abandoned: shared.abandoned,
                patience: max(configuration.leaseDuration, configuration.idleInterval) * 3)
        }
    }

    private func knock() {
        shared.withLock { $0.state.knock() }
        ringOne()
    }

    private func leave() async {
        shared.withLock { $0.hasLeft = true }
        // One under way could otherwise arrive after the release and leave a worker on the books that is gone.
        let patience = ContinuousClock.now + configuration.leaseDuration
        while shared.withLock({ $0.renewals > 0 }), ContinuousClock.now < patience {
            // In a task of its own: a worker that ends by cancellation would not wait but spin.
            await Task { [leaveBell] in await leaveBell.wait(atMost: patience - .now) }.value
        }
        do throws(BrokerError) {
            try await broker.release(lease)
        } catch {
            logger.error(
                "could not release the lease; its tasks run again when it lapses",
                metadata: [LogKeys.error: "\(error)"])
        }
    }
}
