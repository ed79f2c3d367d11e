/// A task of a simulation; times are seconds since its start.
package struct SimulatedTask: Hashable, Sendable {
    /// When it was accepted.
    package let arrivedAt: Double
    /// How long it takes up a slot.
    package let service: Double
    /// Whether it kills the worker that runs it, at its end.
    package let isPoison: Bool
    /// How often its worker died.
    var deaths = 0
    var hasStarted = false

    init(arrivedAt: Double, service: Double, isPoison: Bool) {
        self.arrivedAt = arrivedAt
        self.service = service
        self.isPoison = isPoison
    }

    /// From the second death on a task is handed out while the worker holds no other such task.
    var isSuspect: Bool { deaths >= 2 }
}
