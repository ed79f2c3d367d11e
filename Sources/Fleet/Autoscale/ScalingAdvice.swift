public import TaskQueue

/// How many workers a store's figures ask for at one moment, with the arithmetic: what `GET /autoscale` and
/// `queuectl autoscale` show.
///
/// Whoever acts on it (KEDA, an HPA, an operator) has windows and steps of their own, so here there are none.
public struct ScalingAdvice: Sendable, Encodable {
    /// One queue's part in it.
    public struct Queue: Sendable, Encodable {
        /// Tasks that could start now.
        public let ready: Int
        /// Tasks that wait for their time.
        public let scheduled: Int
        /// Tasks that workers hold.
        public let processing: Int
        /// How many of those have a slot.
        public let running: Int
        /// Tasks that wait for a slot, those that workers hold and have not started included.
        public let waiting: Int
        /// Whether claims pass it over.
        public let isPaused: Bool
        /// How long the oldest ready task has been accepted; 0 if there is none.
        public let oldestAgeSeconds: Double
        /// How long a task takes up its slot; nil until one was timed.
        public let meanServiceSeconds: Double?
        /// How long a task may wait.
        public let targetWaitSeconds: Double
        /// Slots asked for.
        public let slots: Int

        private enum CodingKeys: String, CodingKey {
            case ready, scheduled, processing, running, waiting, slots
            case isPaused = "paused"
            case oldestAgeSeconds = "oldest_age_seconds"
            case meanServiceSeconds = "mean_service_seconds"
            case targetWaitSeconds = "target_wait_seconds"
        }
    }

    /// By name.
    public let queues: [String: Queue]
    /// Tasks that ask for a worker.
    public let backlog: Int
    /// Slots that all queues ask for together.
    public let slots: Int
    /// Workers that live and take work.
    public let workers: Int
    /// How many tasks one of them runs at once.
    public let slotsPerWorker: Int
    /// How many tasks a worker is given in the plain mode; nil where waits decide.
    public let tasksPerWorker: Int?
    /// How many workers the load asks for.
    public let wantedWorkers: Int
    /// The same, within the bounds.
    public let desiredWorkers: Int
    /// A sentence for everything that the load alone does not explain.
    public let reasons: [String]

    private enum CodingKeys: String, CodingKey {
        case queues, backlog, slots, workers, reasons
        case slotsPerWorker = "slots_per_worker"
        case tasksPerWorker = "tasks_per_worker"
        case wantedWorkers = "wanted_workers"
        case desiredWorkers = "desired_workers"
    }

    /// Advises from what was read.
    /// - Parameters:
    ///   - policy: Targets, mode and bounds; its slots count only while no worker says how many it has.
    ///   - now: The store's time.
    public init(_ queues: [QueueStatus], _ workers: [WorkerStatus], policy: ScalingPolicy, at now: Timestamp) {
        let living = workers.filter { $0.leaseExpiresAt > now && $0.report?.isDraining != true }
        var policy = policy.atOnce
        policy.slotsPerWorker = Self.slots(of: living) ?? policy.slotsPerWorker
        let loads = QueueLoad.read(queues, workers)
        var autoscaler = Autoscaler(policy)
        let decision = autoscaler.decide(loads, workers: living.count, at: .zero)
        self.queues = zip(queues, decision.demands).reduce(into: [:]) { all, pair in
            all[pair.0.queue] = Queue(pair.0, pair.1)
        }
        backlog = Int(exactly: decision.demands.reduce(0.0) { $0 + Double($1.tasks) }) ?? .max
        slots = Int(exactly: decision.demands.reduce(0.0) { $0 + Double($1.slots) }) ?? .max
        self.workers = living.count
        slotsPerWorker = policy.slotsPerWorker
        tasksPerWorker = if case .lengthPerWorker(let tasks) = policy.mode { tasks } else { nil }
        wantedWorkers = decision.wanted
        desiredWorkers = decision.desired
        reasons = decision.reasons
    }

    private static func slots(of workers: [WorkerStatus]) -> Int? {
        let slots = workers.compactMap { $0.report?.slots }.filter { $0 > 0 }
        guard !slots.isEmpty else { return nil }
        return Int(exactly: (slots.reduce(0.0) { $0 + Double($1) } / Double(slots.count)).rounded())
    }
}

extension ScalingAdvice.Queue {
    fileprivate init(_ status: QueueStatus, _ demand: QueueDemand) {
        ready = status.ready
        scheduled = status.scheduled
        processing = status.processing
        running = demand.load.running
        waiting = demand.load.ready
        isPaused = status.isPaused
        oldestAgeSeconds = status.oldestAge?.inSeconds ?? 0
        meanServiceSeconds = status.meanService?.inSeconds
        targetWaitSeconds = demand.targetWait.inSeconds
        slots = demand.slots
    }
}
