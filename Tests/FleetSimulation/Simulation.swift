import Fleet

/// What becomes of a trace's tasks while an autoscaler sizes the fleet that runs them.
///
/// A plain value that moves in steps of 50 ms. Workers need time to start, tell their service times every few seconds,
/// are drained before they leave, and what a dead one held runs again when its lease has lapsed.
package struct Simulation {
    package struct Conditions: Sendable {
        package var slotsPerWorker = 10
        /// From the decision to the first task, in seconds.
        package var startUp = 5.0
        package var lease = 10.0
        /// A task that was there so often when its worker died becomes a dead letter.
        package var deathsMax = 5

        package init() {}
    }

    private static let step = 0.05
    private static let queue = "default"

    private let conditions: Conditions
    private let contender: Contender
    private let trace: Trace
    private var autoscaler: Autoscaler
    private var arrived = 0
    private var waiting = SimulatedQueue()
    private var workers: [SimulatedWorker] = []
    /// What dead workers held, until their leases lapse.
    private var lapsing: [(at: Double, tasks: [SimulatedTask])] = []
    private var done = 0
    private var dead = 0
    private var service = MovingMean()
    private var course: Course

    package init(_ trace: Trace, _ contender: Contender, _ conditions: Conditions = Conditions()) {
        self.trace = trace
        self.contender = contender
        self.conditions = conditions
        autoscaler = Autoscaler(contender.policy)
        course = Course(contender: contender.name)
        for _ in 0..<contender.policy.workers.lowerBound { start(at: -conditions.startUp) }
    }

    /// Runs to the end of the trace.
    package mutating func run() -> Course {
        let steps = Int(Trace.seconds / Self.step)
        for number in 1...steps {
            let now = Double(number) * Self.step
            arrive(until: now)
            for index in workers.indices { work(index, until: now) }
            leave(at: now)
            if Self.isTime(every: conditions.lease / 3, now) { service.update() }
            if Self.isTime(every: contender.interval, now) { decide(at: now) }
            course.workerSeconds += Double(workers.count) * Self.step
            if Self.isTime(every: Course.sampleSeconds, now) { sample(at: now) }
        }
        course.waits += waiting.all.filter { !$0.hasStarted }.map { Trace.seconds - $0.arrivedAt }
        (course.arrived, course.done, course.dead, course.waiting) = (arrived, done, dead, waiting.count)
        course.running = workers.reduce(0) { $0 + $1.busy } + lapsing.reduce(0) { $0 + $1.tasks.count }
        return course
    }

    private static func isTime(every interval: Double, _ now: Double) -> Bool {
        (now / interval).rounded(.down) > ((now - step) / interval).rounded(.down)
    }

    private mutating func arrive(until now: Double) {
        while arrived < trace.arrivals.count, trace.arrivals[arrived].arrivedAt <= now {
            waiting.append(trace.arrivals[arrived])
            arrived += 1
        }
        let due = lapsing.filter { $0.at <= now }
        guard !due.isEmpty else { return }
        lapsing.removeAll { $0.at <= now }
        let tasks = due.flatMap(\.tasks)
        dead += tasks.count { $0.deaths >= conditions.deathsMax }
        waiting.putBack(tasks.filter { $0.deaths < conditions.deathsMax })
    }

    /// Ends what is over on a worker, and fills the slots that became free at the moment they did.
    private mutating func work(_ index: Int, until now: Double) {
        guard workers[index].readyAt <= now else { return }
        for slot in workers[index].slots.indices {
            var freeAt = max(now - Self.step, workers[index].readyAt)
            while !workers[index].isDead {
                if let running = workers[index].slots[slot] {
                    guard running.end <= now else { break }
                    end(running, index, slot, at: now)
                    freeAt = running.end
                }
                guard !workers[index].isDead, !workers[index].isDraining,
                    var task = waiting.take(withSuspects: !workers[index].holdsSuspect)
                else { break }
                let start = max(freeAt, task.arrivedAt)
                if !task.hasStarted { course.started(task, at: start) }
                task.hasStarted = true
                workers[index].slots[slot] = .init(task: task, end: start + task.service)
            }
        }
    }

    private mutating func end(_ running: SimulatedWorker.Running, _ index: Int, _ slot: Int, at now: Double) {
        guard running.task.isPoison else {
            workers[index].slots[slot] = nil
            service.add(running.task.service)
            done += 1
            return
        }
        let held = workers[index].slots.compactMap { $0?.task }.map { task in
            var task = task
            task.deaths += 1
            return task
        }
        workers[index].isDead = true
        workers[index].slots = []
        lapsing.append((now + conditions.lease, held))
    }

    private mutating func leave(at now: Double) {
        workers.removeAll { $0.isDead || $0.isDraining && $0.busy == 0 }
    }

    private mutating func start(at now: Double) {
        workers.append(SimulatedWorker(readyAt: now + conditions.startUp, slots: conditions.slotsPerWorker))
    }

    private mutating func decide(at now: Double) {
        let running = workers.reduce(0) { $0 + $1.busy } + lapsing.reduce(0) { $0 + $1.tasks.count }
        let load = QueueLoad(
            queue: Self.queue, ready: waiting.count, running: running,
            meanService: service.mean.map { .seconds($0) })
        let staying = workers.count { !$0.isDraining }
        let desired = autoscaler.decide([load], workers: staying, at: .seconds(now)).desired
        for _ in staying..<max(staying, desired) { start(at: now) }
        for _ in desired..<max(staying, desired) { drainEmptiest() }
    }

    private mutating func drainEmptiest() {
        let staying = workers.indices.filter { !workers[$0].isDraining }
        guard let emptiest = staying.min(by: { workers[$0].busy < workers[$1].busy }) else { return }
        workers[emptiest].isDraining = true
    }

    private mutating func sample(at now: Double) {
        course.sample(
            at: now, backlog: waiting.count, oldest: waiting.oldest.map { now - $0.arrivedAt } ?? 0,
            workers: workers.count)
    }
}
