import Fleet
import TaskQueue
import Testing

@Suite("Advice from a store's figures")
struct ScalingAdviceTests {
    private static let now = Timestamp(rawValue: 1_000_000)

    @Test("what workers hold beyond their slots waits, and counts as backlog")
    func claimedNotStarted() throws {
        let loads = QueueLoad.read(
            [queue("default", ready: 10, processing: 200)], [worker(holding: 200, slots: 16, running: 16, held: 180)])
        let load = try #require(loads.first)
        #expect(load.running == 16 && load.ready == 194)
    }

    @Test("what workers hold runs as far as their slots go, however old their reports are")
    func staleReport() throws {
        let workers = [worker(holding: 3, slots: 4), worker(holding: 9, slots: 4)]
        let load = try #require(QueueLoad.read([queue("default", processing: 12)], workers).first)
        #expect(load.running == 7 && load.ready == 5)
    }

    @Test("the tasks of a batch share a slot")
    func batches() throws {
        let workers = [worker(holding: 16, slots: 4, running: 2, held: 8, waiting: 0)]
        let load = try #require(QueueLoad.read([queue("ml", processing: 16)], workers).first)
        #expect(load.running == 4 && load.ready == 0)
    }

    @Test("queues share what their workers run")
    func shared() {
        let queues = [queue("a", processing: 30), queue("b", processing: 10)]
        let loads = QueueLoad.read(queues, [worker(holding: 40, slots: 8)])
        #expect(loads.map(\.running) == [6, 2])
        #expect(loads.map(\.ready) == [24, 8])
    }

    @Test("a worker that says nothing of itself runs all that it holds, and so does one that is gone")
    func silent() {
        let held = [WorkerStatus(worker: "old", holding: 5, leaseExpiresAt: Self.now)]
        for workers in [held, []] {
            let loads = QueueLoad.read([queue("default", ready: 1, processing: 5)], workers)
            #expect(loads.map(\.running) == [5] && loads.map(\.ready) == [1])
        }
    }

    @Test("counts the workers that live and take work, and goes by the slots that they have")
    func advice() throws {
        var draining = worker(holding: 1, slots: 100)
        draining.report?.isDraining = true
        let workers = [
            worker(holding: 8, slots: 8), draining,
            WorkerStatus(worker: "dead", holding: 0, leaseExpiresAt: Self.now),
        ]
        var queue = queue("default", ready: 100, processing: 9)
        queue.meanService = .seconds(1)
        let advice = ScalingAdvice([queue], workers, policy: .init(workers: 1...10, slotsPerWorker: 99), at: Self.now)
        #expect(advice.workers == 1 && advice.slotsPerWorker == 8)
        // 9 run; 100 tasks of a second in 5 s are 20 slots more.
        let part = try #require(advice.queues["default"])
        #expect(part.running == 9 && part.waiting == 100 && part.slots == 29 && part.processing == 9)
        #expect(advice.wantedWorkers == 4 && advice.desiredWorkers == 4 && advice.backlog == 109)
        #expect(advice.reasons.isEmpty)
    }

    @Test("goes by the configured slots while there is no worker, and stays within the bounds")
    func fromNothing() {
        var queue = queue("default", ready: 1000)
        queue.meanService = .seconds(1)
        let advice = ScalingAdvice([queue], [], policy: .init(workers: 0...3, slotsPerWorker: 10), at: Self.now)
        #expect(advice.workers == 0 && advice.wantedWorkers == 20 && advice.desiredWorkers == 3)
        #expect(advice.reasons == ["20 are wanted, no more than 3 may be"])
    }

    @Test("bears every figure a store could give")
    func extremes() {
        let wild = worker(holding: .max, slots: .max, running: .max, held: .min)
        let queues = [queue("a", ready: .max, processing: .max), queue("b", ready: .min, processing: .min)]
        let advice = ScalingAdvice(
            queues, [wild, wild], policy: .init(workers: 0...5, slotsPerWorker: 1), at: Self.now)
        #expect(advice.desiredWorkers == 5)
    }

    private func queue(_ name: String, ready: Int = 0, processing: Int = 0) -> QueueStatus {
        var queue = QueueStatus(queue: name)
        queue.ready = ready
        queue.processing = processing
        return queue
    }

    private func worker(
        holding: Int, slots: Int, running: Int = 0, held: Int = 0, waiting: Int? = nil
    ) -> WorkerStatus {
        var report = WorkerReport(startedAt: Self.now, reportedAt: Self.now)
        (report.slots, report.running, report.held) = (slots, running, held)
        report.waiting = waiting ?? max(0, held) - min(running, max(0, held))
        return WorkerStatus(worker: "w", holding: holding, leaseExpiresAt: Self.now + .seconds(10), report: report)
    }
}
