import Fleet
import Testing

@Suite("The number of workers")
struct AutoscalerTests {
    @Test("follows from what runs, what waits, how long a task takes and how long it may wait")
    func formula() {
        var autoscaler = Autoscaler(policy(1...100, slots: 10))
        // 20 run, and 1,000 tasks of half a second are to start within 5 s: 100 slots more.
        let decision = autoscaler.decide([load(ready: 1000, running: 20, service: 0.5)], workers: 2, at: .zero)
        #expect(decision.demands.map(\.slots) == [120])
        #expect(decision.desired == 12)
        #expect(decision.workers == 2)
        #expect(decision.reasons.isEmpty)
    }

    @Test("adds the slots of all queues, each with its own target, before it divides")
    func queues() {
        var policy = policy(0...100, slots: 8)
        policy.targetWaits["ml"] = .seconds(10)
        var autoscaler = Autoscaler(policy)
        let loads = [
            load("ml", ready: 10, running: 1, service: 1), load("alerts", ready: 10, service: 1), load("idle"),
        ]
        let decision = autoscaler.decide(loads, workers: 1, at: .zero)
        #expect(decision.demands.map(\.slots) == [2, 2, 0])
        #expect(decision.desired == 1)
    }

    @Test("never has more slots than there are tasks, however long they take")
    func slow() {
        var autoscaler = Autoscaler(policy(0...100, slots: 4))
        let decision = autoscaler.decide([load(ready: 6, running: 2, service: 600)], workers: 1, at: .zero)
        #expect(decision.demands.map(\.slots) == [8])
        #expect(decision.desired == 2)
    }

    @Test("starts a fleet from nothing for one task of a known or an unknown kind")
    func fromNothing() {
        for service in [nil, 0.000_01] {
            var autoscaler = Autoscaler(policy(0...10, slots: 4))
            #expect(autoscaler.decide([load()], workers: 0, at: .zero).desired == 0)
            #expect(autoscaler.decide([load(ready: 1, service: service)], workers: 0, at: .seconds(1)).desired == 1)
        }
    }

    @Test("grows by one worker more than is busy while no task was timed")
    func untimed() {
        var autoscaler = Autoscaler(policy(0...10, slots: 4))
        let first = autoscaler.decide([load(ready: 500)], workers: 0, at: .zero)
        #expect(first.desired == 1)
        #expect(first.reasons == ["default has no service time yet: one worker more than runs is assumed"])
        #expect(autoscaler.decide([load(ready: 496, running: 4)], workers: 1, at: .seconds(1)).desired == 2)
    }

    @Test("leaves out what is ready in a paused queue, and not what still runs there")
    func paused() {
        var autoscaler = Autoscaler(policy(0...10, slots: 4))
        var load = load(ready: 500, running: 5, service: 1)
        load.isPaused = true
        let decision = autoscaler.decide([load], workers: 2, at: .zero)
        #expect(decision.desired == 2)
        #expect(decision.reasons == ["default is paused: its 500 ready tasks do not count"])
    }

    @Test("in the plain mode is the tasks divided by what one worker is given")
    func length() {
        var policy = policy(1...100, slots: 4)
        policy.mode = .lengthPerWorker(20)
        var autoscaler = Autoscaler(policy)
        var paused = load("paused", ready: 1000, running: 1)
        paused.isPaused = true
        #expect(autoscaler.decide([load(ready: 50, running: 10), paused], workers: 1, at: .zero).desired == 4)
    }

    @Test("stays within its bounds and says so")
    func bounds() {
        var autoscaler = Autoscaler(policy(2...8, slots: 1))
        let much = autoscaler.decide([load(ready: 1000, service: 1)], workers: 2, at: .zero)
        #expect(much.desired == 8)
        #expect(much.wanted == 200)
        #expect(much.reasons == ["200 are wanted, no more than 8 may be"])
        let little = autoscaler.decide([load()], workers: 8, at: .seconds(100))
        #expect(little.desired == 2)
        #expect(little.reasons == ["0 would do, no fewer than 2 may be"])
    }

    @Test("shrinks only to the most that was wanted within the window")
    func stabilizesDown() {
        var autoscaler = Autoscaler(policy(0...100, slots: 1))
        #expect(autoscaler.decide([load(running: 9)], workers: 9, at: .zero).desired == 9)
        #expect(autoscaler.decide([load(running: 5)], workers: 9, at: .seconds(30)).desired == 9)
        let held = autoscaler.decide([load(running: 1)], workers: 9, at: .seconds(60))
        #expect(held.desired == 9)
        #expect(held.reasons == ["1 would do, 9 were wanted within the last 60.0 s"])
        #expect(autoscaler.decide([load(running: 1)], workers: 9, at: .seconds(61)).desired == 5)
        #expect(autoscaler.decide([load(running: 1)], workers: 5, at: .seconds(91)).desired == 1)
    }

    @Test("grows only to the fewest that were wanted within the window")
    func stabilizesUp() {
        var policy = policy(0...100, slots: 1)
        policy.scaleUpStabilization = .seconds(30)
        var autoscaler = Autoscaler(policy)
        #expect(autoscaler.decide([load(running: 2)], workers: 2, at: .zero).desired == 2)
        let held = autoscaler.decide([load(running: 9)], workers: 2, at: .seconds(10))
        #expect(held.desired == 2)
        #expect(held.reasons == ["9 are wanted, but not throughout the last 30.0 s"])
        #expect(autoscaler.decide([load(running: 7)], workers: 2, at: .seconds(40)).desired == 7)
    }

    @Test("is kept at first, so that a restarted supervisor stops nobody's worker")
    func restarted() {
        var autoscaler = Autoscaler(policy(0...100, slots: 1))
        #expect(autoscaler.decide([load()], workers: 7, at: .seconds(1000)).desired == 7)
        #expect(autoscaler.decide([load()], workers: 7, at: .seconds(1061)).desired == 0)
    }

    @Test("grows and shrinks by no more than a step within its span")
    func steps() {
        var policy = policy(0...100, slots: 1)
        policy.stepUp = ScalingStep(workers: 4, per: .seconds(15))
        policy.stepDown = ScalingStep(workers: 2, per: .seconds(15))
        policy.scaleDownStabilization = .zero
        var autoscaler = Autoscaler(policy)
        let first = autoscaler.decide([load(running: 20)], workers: 1, at: .zero)
        #expect(first.desired == 5)
        #expect(first.reasons == ["20 are wanted, at most 4 come within 15.0 s"])
        #expect(autoscaler.decide([load(running: 20)], workers: 5, at: .seconds(10)).desired == 5)
        #expect(autoscaler.decide([load(running: 20)], workers: 5, at: .seconds(16)).desired == 9)
        let down = autoscaler.decide([load()], workers: 9, at: .seconds(40))
        #expect(down.desired == 7)
        #expect(down.reasons == ["0 would do, at most 2 leave within 15.0 s"])
    }

    @Test("may double where that is more than a step")
    func doubling() {
        var policy = policy(0...100, slots: 1)
        policy.stepUp = ScalingStep(workers: 4, orShare: 1, per: .seconds(15))
        var autoscaler = Autoscaler(policy)
        #expect(autoscaler.decide([load(running: 50)], workers: 1, at: .zero).desired == 5)
        var large = Autoscaler(policy)
        #expect(large.decide([load(running: 50)], workers: 20, at: .zero).desired == 40)
    }

    @Test("bears every figure a store could give")
    func extremes() {
        var policy = policy(0...Int.max, slots: 1)
        policy.targetWait = .zero
        for mode in [ScalingPolicy.Mode.targetWait, .lengthPerWorker(0)] {
            policy.mode = mode
            var autoscaler = Autoscaler(policy)
            let loads = [
                load(ready: .max, running: .max, service: 1e9), load(ready: -1, running: -1, service: -1),
                load(ready: .max, running: .max),
            ]
            #expect(autoscaler.decide(loads, workers: 0, at: .zero).desired == .max)
        }
    }

    private func policy(_ workers: ClosedRange<Int>, slots: Int) -> ScalingPolicy {
        ScalingPolicy(workers: workers, slotsPerWorker: slots)
    }

    private func load(
        _ queue: String = "default", ready: Int = 0, running: Int = 0, service: Double? = nil
    ) -> QueueLoad {
        QueueLoad(queue: queue, ready: ready, running: running, meanService: service.map { .seconds($0) })
    }
}
