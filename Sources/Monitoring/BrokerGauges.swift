public import Blocking
import Synchronization
public import TaskQueue

/// What the broker holds, read from it when a scraper asks and at most once a second.
///
/// Nothing here is counted up and down in a process, so that a crash leaves no wrong number behind. A broker that
/// can't be read in time leaves its gauges out and shows as `taskqueue_broker_up 0`.
public final class BrokerGauges: MetricsSource {
    private struct Reading {
        let at = ContinuousClock.now
        let queues: [QueueStatus]
        let workers: [WorkerStatus]
    }

    private struct State {
        var last: Reading?
        var isReading = false
    }

    private let broker: any TaskBroker
    private let thread: BlockingPool
    private let clock: StoreClock
    private let desired: DesiredWorkers?
    private let state = Mutex(State())
    private let readings = Listeners()

    /// A reading serves every scrape within this.
    private static let freshness = Duration.seconds(1)
    /// By how much the clocks of two machines may differ, counted back.
    private static let clockSkew = Duration.seconds(-5)
    /// A scrape waits no longer than this for the broker.
    private static let patience = Duration.seconds(2)

    /// Says how many workers there should be for what the broker holds.
    public typealias DesiredWorkers = @Sendable ([QueueStatus], [WorkerStatus]) -> Int

    /// Reads a broker from a thread that no task can keep busy.
    /// - Parameters:
    ///   - broker: What is read.
    ///   - thread: Where it is waited for.
    ///   - clock: What leases are held against.
    ///   - desired: Adds a gauge of how many workers there should be; none if nil.
    public init(
        _ broker: any TaskBroker, on thread: BlockingPool, clock: StoreClock = .wall, desired: DesiredWorkers? = nil
    ) {
        self.clock = clock
        self.broker = broker
        self.thread = thread
        self.desired = desired
    }

    /// Writes depth and age of every queue, and the workers.
    public func write(to page: inout Exposition) async {
        let reading = await reading()
        page.family("taskqueue_broker_up", .gauge, help: "Whether the broker could be read for this page.")
        page.sample("taskqueue_broker_up", reading == nil ? 0 : 1)
        guard let reading else { return }
        page.family("taskqueue_queue_depth", .gauge, help: "Tasks in a queue, read from the store.")
        for queue in reading.queues {
            for (state, count) in [
                ("ready", queue.ready), ("scheduled", queue.scheduled), ("processing", queue.processing),
            ] {
                page.sample("taskqueue_queue_depth", Double(count), [("queue", queue.queue), ("state", state)])
            }
        }
        page.family("taskqueue_queue_oldest_age_seconds", .gauge, help: "Age of the oldest task that could start.")
        for queue in reading.queues {
            let age = queue.oldestAge?.inSeconds ?? 0
            page.sample("taskqueue_queue_oldest_age_seconds", age, [("queue", queue.queue)])
        }
        page.family("taskqueue_queue_service_seconds", .gauge, help: "How long a task takes up a slot, on average.")
        for queue in reading.queues {
            guard let service = queue.meanService else { continue }
            page.sample("taskqueue_queue_service_seconds", service.inSeconds, [("queue", queue.queue)])
        }
        page.family("taskqueue_workers", .gauge, help: "Workers with a lease: busy ones hold tasks.")
        let busy = reading.workers.count { $0.holding > 0 }
        page.sample("taskqueue_workers", Double(busy), [("state", "busy")])
        page.sample("taskqueue_workers", Double(reading.workers.count - busy), [("state", "idle")])
        page.family(
            "taskqueue_claims_waiting", .gauge, help: "Tasks that workers hold and had not started, as reported.")
        page.sample("taskqueue_claims_waiting", reading.workers.reduce(0) { $0 + Double($1.report?.waiting ?? 0) })
        guard let desired else { return }
        page.family("taskqueue_desired_workers", .gauge, help: "Workers that the load asks for, within the bounds.")
        page.sample("taskqueue_desired_workers", Double(desired(reading.queues, reading.workers)))
    }

    private func reading() async -> Reading? {
        let asked = ContinuousClock.now
        let bell = Doorbell()
        let subscription = readings.add { bell.ring() }
        defer { subscription.end() }
        if let fresh = fresh(at: asked) { return fresh }
        if startsReading() { Task(executorPreference: thread) { await self.read() } }
        await bell.wait(atMost: Self.patience)
        return fresh(at: asked)
    }

    private func fresh(at asked: ContinuousClock.Instant) -> Reading? {
        state.withLock { $0.last.flatMap { asked - $0.at < Self.freshness ? $0 : nil } }
    }

    /// One reading at a time, however many ask.
    private func startsReading() -> Bool {
        state.withLock { state in
            defer { state.isReading = true }
            return !state.isReading
        }
    }

    private func read() async {
        var reading: Reading?
        do throws(StoreError) {
            let queues = try await broker.queues()
            // A dead worker stays on the books until another sweeps up after it; the last one of all for ever.
            let oldest = clock.now + Self.clockSkew
            let workers = try await broker.workers().filter { $0.leaseExpiresAt > oldest }
            reading = Reading(queues: queues, workers: workers)
        } catch {
            // The worker logs what is wrong with its broker; the page says that something is.
            reading = nil
        }
        state.withLock { state in
            state.isReading = false
            state.last = reading
        }
        readings.notify()
    }
}
