import Fleet
import Testing

@Suite("How many attempts run at once")
struct ConcurrencyTunerTests {
    private func tuned(
        _ bounds: ClosedRange<Int>, seconds: Int, _ reading: (_ slots: Int) -> ConcurrencyTuner.Reading
    ) -> ConcurrencyTuner {
        var tuner = ConcurrencyTuner(bounds: bounds)
        for _ in 0..<seconds { _ = tuner.adjust(reading(tuner.slots)) }
        return tuner
    }

    @Test("begins with the fewest and grows to the most while all slots are taken and the cores are not")
    func grow() {
        #expect(ConcurrencyTuner(bounds: 4...64).slots == 4)
        let waiting = tuned(4...64, seconds: 20) { .init(busy: $0, service: .seconds(1), processorUse: 0.1) }
        #expect(waiting.slots == 64)
    }

    @Test("does not grow for work that is not there, nor when the cores are taken")
    func stay() {
        let idle = tuned(4...64, seconds: 50) { .init(busy: $0 - 1, service: .seconds(1), processorUse: 0) }
        #expect(idle.slots == 4)
        let full = tuned(4...64, seconds: 50) { .init(busy: $0, service: .seconds(1), processorUse: 0.9) }
        #expect(full.slots == 4)
        let untimed = tuned(4...8, seconds: 9) { .init(busy: $0, service: nil, processorUse: 0) }
        #expect(untimed.slots == 8)
    }

    @Test("settles where a service that bears only so many at once gives its best")
    func saturation() {
        // Twenty are served at once; beyond, each waits for its turn.
        let tuner = tuned(2...200, seconds: 60) { slots in
            .init(busy: slots, service: .milliseconds(10) * max(1.0, Double(slots) / 20), processorUse: 0.2)
        }
        #expect((20...60).contains(tuner.slots), "\(tuner.slots)")
    }

    @Test("shrinks when attempts suddenly take long, and recovers when that turns out to be their nature")
    func newWork() {
        var tuner = tuned(2...64, seconds: 30) { .init(busy: $0, service: .milliseconds(10), processorUse: 0.1) }
        #expect(tuner.slots == 64)
        for _ in 0..<20 { _ = tuner.adjust(.init(busy: tuner.slots, service: .seconds(1), processorUse: 0.1)) }
        #expect(tuner.slots < 16)
        for _ in 0..<120 { _ = tuner.adjust(.init(busy: tuner.slots, service: .seconds(1), processorUse: 0.1)) }
        #expect(tuner.slots == 64)
    }

    @Test("keeps within its bounds, whatever they are made")
    func bounds() {
        var tuner = tuned(8...16, seconds: 9) { .init(busy: $0, service: nil, processorUse: 0) }
        tuner.raise(to: 10)
        #expect(tuner.slots == 10 && tuner.bounds == 8...10)
        tuner.raise(to: 4)
        #expect(tuner.slots == 4 && tuner.bounds == 4...4)
        tuner.raise(to: 0)
        #expect(tuner.slots == 1 && ConcurrencyTuner(bounds: 0...0).slots == 1)
        #expect(tuner.adjust(.init(busy: .max, service: .zero, processorUse: -1)) == 1)
    }
}
