import Fleet
import FleetSimulation
import Testing

@Suite("A simulated fleet")
struct SimulationTests {
    private static let traces = Trace.all(seed: 7)
    private static let contenders = Contender.all(workers: 1...12, slotsPerWorker: 10)

    @Test("loses no task, whatever arrives and whoever sizes it", arguments: traces.indices, contenders.indices)
    func conservation(_ trace: Int, _ contender: Int) {
        let course = Self.run(trace, contender)
        #expect(course.arrived == Self.traces[trace].arrivals.count)
        #expect(course.arrived == course.done + course.waiting + course.running + course.dead)
        #expect(course.waits.count == course.arrived)
        #expect(course.samples.allSatisfy { $0.workers <= 12 + 12 })
    }

    @Test("is the same for the same seed, and another for another")
    func determinism() {
        #expect(Self.run(1, 0) == Self.run(1, 0))
        #expect(Trace.all(seed: 7)[1].arrivals == Self.traces[1].arrivals)
        #expect(Trace.all(seed: 8)[1].arrivals != Self.traces[1].arrivals)
    }

    @Test("that is sized by target waits keeps nearly all of them where it can", arguments: [0, 2])
    func targetWait(_ trace: Int) {
        #expect(Self.run(trace, 0).wait(quantile: 0.99) <= 5)
    }

    @Test("needs no more time for slow tasks than for quick ones, which a length a worker does not give")
    func slow() {
        let (target, length) = (Self.run(3, 0), Self.run(3, 1))
        #expect(target.wait(quantile: 0.5) < length.wait(quantile: 0.5))
    }

    @Test("outlives its poison: every such task is a dead letter, and few others are")
    func poison() {
        let course = Self.run(4, 0)
        let poison = Self.traces[4].arrivals.count { $0.isPoison }
        #expect(poison > 0)
        #expect(course.done >= course.arrived - course.dead - course.running - course.waiting)
        #expect(course.dead <= poison + poison / 2)
    }

    private static func run(_ trace: Int, _ contender: Int) -> Course {
        var simulation = Simulation(traces[trace], contenders[contender])
        return simulation.run()
    }
}
