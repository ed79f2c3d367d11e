/// What became of a simulation.
package struct Course: Hashable, Sendable {
    /// What was so at one moment.
    package struct Sample: Hashable, Sendable {
        package let time: Double
        package let backlog: Int
        /// The longest wait among tasks that started since the sample before, or that still wait.
        package let wait: Double
        package let workers: Int
    }

    package static let sampleSeconds = 3.0

    package let contender: String
    package internal(set) var samples: [Sample] = []
    /// Of every task, until its first start or the end; in seconds.
    package internal(set) var waits: [Double] = []
    /// What the fleet costs.
    package internal(set) var workerSeconds = 0.0
    package internal(set) var arrived = 0
    package internal(set) var done = 0
    package internal(set) var waiting = 0
    /// In a slot, or held by a worker whose lease has yet to lapse.
    package internal(set) var running = 0
    package internal(set) var dead = 0
    private var longest = 0.0

    init(contender: String) {
        self.contender = contender
    }

    mutating func started(_ task: SimulatedTask, at time: Double) {
        waits.append(time - task.arrivedAt)
        longest = max(longest, time - task.arrivedAt)
    }

    mutating func sample(at time: Double, backlog: Int, oldest: Double, workers: Int) {
        samples.append(Sample(time: time, backlog: backlog, wait: max(longest, oldest), workers: workers))
        longest = 0
    }

    /// The wait that a share of all tasks does not exceed; 0 of none.
    package func wait(quantile: Double) -> Double {
        let sorted = waits.sorted()
        let index = Int(Double(sorted.count - 1) * quantile)
        return sorted.indices.contains(index) ? sorted[index] : 0
    }
}
