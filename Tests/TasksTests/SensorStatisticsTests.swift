import Foundation
import Tasks
import TestSupport
import Testing

@Suite("A sensor's statistics")
struct SensorStatisticsTests {
    @Test("mean and variance are those of all readings so far", arguments: [1, 2, 3, 4, 5] as [UInt64])
    func direct(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var statistics = SensorStatistics()
        var values: [Double] = []
        let offset = Double.random(in: -1e6...1e6, using: &generator)
        for _ in 0..<Int(SensorStatistics.memory) {
            let value = offset + Double.random(in: -1...1, using: &generator)
            values.append(value)
            statistics.add(value)
            let mean = values.reduce(0, +) / Double(values.count)
            let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
            #expect(abs(statistics.mean - mean) < 1e-7)
            #expect(abs(statistics.variance - variance) < 1e-7)
        }
        #expect(statistics.count == SensorStatistics.memory)
    }

    @Test("older readings fade, so that the statistics follow the seasons")
    func fading() {
        var statistics = SensorStatistics()
        for index in 0..<1000 { statistics.add(20 + Double(index % 2)) }
        // A slow drift stays within what is usual and moves it along.
        for index in 0..<20_000 { statistics.add(20 + Double(index) / 2000 + Double(index % 2)) }
        #expect(statistics.mean > 29 && statistics.mean < 31)
        #expect(statistics.count == SensorStatistics.memory)
    }

    @Test("a new sensor is not judged, an old one is")
    func tooNew() {
        var statistics = SensorStatistics()
        for index in 0..<Int(SensorStatistics.countMin) {
            #expect(statistics.score(1e9).expected == nil && !statistics.score(1e9).isAnomaly)
            statistics.add(Double(index % 2))
        }
        #expect(statistics.score(1e9).isAnomaly)
        #expect(!statistics.score(0.5).isAnomaly)
    }

    @Test("a spike does not make the next spike usual")
    func spike() {
        var statistics = SensorStatistics()
        for index in 0..<100 { statistics.add(Double(index % 2)) }
        statistics.add(1000)
        #expect(statistics.score(1000).isAnomaly)
        #expect(statistics.mean < 1)
    }

    @Test("a sensor that always says the same is judged too")
    func constant() {
        var statistics = SensorStatistics()
        for _ in 0..<50 { statistics.add(25) }
        #expect(!statistics.score(25.01).isAnomaly)
        #expect(statistics.score(26).isAnomaly)
    }

    @Test("no finite reading makes them anything but finite")
    func extremes() {
        var statistics = SensorStatistics()
        let largest = Double.greatestFiniteMagnitude
        let first = [largest, -largest, 0, 1e200, -1e200, .leastNonzeroMagnitude]
        for value in first + Array(repeating: largest, count: 40) + [-largest] {
            let score = statistics.score(value)
            statistics.add(value)
            #expect(score.deviations.isFinite)
            #expect(statistics.mean.isFinite && statistics.variance.isFinite && statistics.variance >= 0)
        }
    }
}
