/// What waits in a simulation: the oldest first, those that may be what kills workers apart.
struct SimulatedQueue {
    private var ordinary: [SimulatedTask] = []
    private var next = 0
    private var suspects: [SimulatedTask] = []

    var count: Int { ordinary.count - next + suspects.count }
    var oldest: SimulatedTask? { next < ordinary.count ? ordinary[next] : suspects.first }
    var all: [SimulatedTask] { Array(ordinary[next...]) + suspects }

    mutating func append(_ task: SimulatedTask) {
        ordinary.append(task)
    }

    /// Puts back what came before the others.
    mutating func putBack(_ tasks: [SimulatedTask]) {
        suspects += tasks.filter(\.isSuspect)
        ordinary.replaceSubrange(..<next, with: tasks.filter { !$0.isSuspect })
        next = 0
    }

    mutating func take(withSuspects: Bool) -> SimulatedTask? {
        if withSuspects, !suspects.isEmpty { return suspects.removeFirst() }
        guard next < ordinary.count else { return nil }
        next += 1
        return ordinary[next - 1]
    }
}
