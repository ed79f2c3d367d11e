/// A worker of a simulation: slots that become free in time.
struct SimulatedWorker {
    struct Running {
        var task: SimulatedTask
        let end: Double
    }

    /// When it can take its first task.
    let readyAt: Double
    var isDraining = false
    var isDead = false
    var slots: [Running?]

    init(readyAt: Double, slots: Int) {
        self.readyAt = readyAt
        self.slots = Array(repeating: nil, count: slots)
    }

    var busy: Int { slots.count { $0 != nil } }
    var holdsSuspect: Bool { slots.contains { $0?.task.isSuspect ?? false } }
}
