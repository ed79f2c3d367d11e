import Foundation

/// Tasks that arrive in time; the same for the same seed.
package struct Trace: Sendable {
    /// A short name, for files.
    package let name: String
    /// What happens, for people.
    package let title: String
    /// In the order in which they arrive.
    package let arrivals: [SimulatedTask]

    /// Nothing arrives in the last part, so that a backlog can end.
    package static let arrivalSeconds = 750.0
    package static let seconds = 900.0

    /// The traces that autoscalers are compared by.
    package static func all(seed: UInt64) -> [Trace] {
        [
            Trace("steady", "Steady: 150 tasks/s of 0.2 s", seed, service: 0.2) { _ in 150 },
            Trace("burst", "Burst: 30 tasks/s of 0.2 s, ten times as many for two minutes", seed, service: 0.2) {
                (150..<270).contains($0) ? 300 : 30
            },
            Trace("diurnal", "A day in twelve minutes: 20 to 300 tasks/s of 0.2 s", seed, service: 0.2) {
                160 - 140 * cos(2 * .pi * $0 / arrivalSeconds)
            },
            Trace("slow", "Slow tasks: 0.2 tasks/s of 40 s, four times as many for three minutes", seed, service: 40) {
                (150..<330).contains($0) ? 0.8 : 0.2
            },
            Trace(
                "poison", "Poison: 100 tasks/s of 0.2 s, one in 2,000 kills its worker", seed, service: 0.2,
                poison: 1.0 / 2000
            ) { _ in 100 },
        ]
    }

    /// Draws arrivals of a Poisson process, by thinning one of the highest rate.
    /// - Parameters:
    ///   - service: Mean of the exponential time that a task takes, in seconds.
    ///   - poison: The share of tasks that kill their worker.
    ///   - rate: Tasks a second at a time.
    package init(
        _ name: String, _ title: String, _ seed: UInt64, service: Double, poison: Double = 0,
        rate: (Double) -> Double
    ) {
        self.name = name
        self.title = title
        var dice = SplitMix(seed: seed)
        let highest = stride(from: 0, to: Self.arrivalSeconds, by: 1).map(rate).max() ?? 1
        var arrivals: [SimulatedTask] = []
        var time = 0.0
        while true {
            time += dice.exponential(mean: 1 / highest)
            guard time < Self.arrivalSeconds else { break }
            guard Double.random(in: 0..<highest, using: &dice) < rate(time) else { continue }
            let isPoison = Double.random(in: 0..<1, using: &dice) < poison
            arrivals.append(
                SimulatedTask(arrivedAt: time, service: dice.exponential(mean: service), isPoison: isPoison))
        }
        self.arrivals = arrivals
    }
}

extension Double {
    var logarithm: Double { log(self) }
}
