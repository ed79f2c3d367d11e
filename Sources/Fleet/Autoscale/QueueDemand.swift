import TaskQueue

/// What one queue asks of a fleet, with the figures it follows from.
///
/// In a target wait w a slot works off w ÷ s tasks of mean service time s. So that `ready` tasks all start within w it
/// takes ready × s ÷ w slots, beside those that run; more slots than tasks would stand empty.
public struct QueueDemand: Hashable, Sendable {
    /// What was read.
    public let load: QueueLoad
    /// How long its tasks may wait.
    public let targetWait: Duration
    /// Slots asked for.
    public let slots: Int
    /// Why `slots` is not what the formula says; nil if it is.
    public let remark: String?

    init(_ load: QueueLoad, targetWait: Duration, slotsPerWorker: Int) {
        self.load = load
        self.targetWait = targetWait
        if load.isPaused {
            slots = load.running
            remark = load.ready > 0 ? "\(load.queue) is paused: its \(load.ready) ready tasks do not count" : nil
        } else if let service = load.meanService {
            let waiting = Double(load.ready) * max(0, service.inSeconds) / targetWait.inSeconds
            // A task that takes next to no time still takes a slot.
            let forReady = min(Int(exactly: waiting.rounded(.up)) ?? .max, load.ready)
            slots = Self.sum(load.running, max(forReady, min(load.ready, 1)))
            remark = nil
        } else {
            slots = Self.sum(load.running, min(load.ready, slotsPerWorker))
            let isGuess = load.ready > slotsPerWorker
            remark = isGuess ? "\(load.queue) has no service time yet: one worker more than runs is assumed" : nil
        }
    }

    /// Tasks that ask for a worker: those that run, and those that wait unless the queue is paused.
    public var tasks: Int { Self.sum(load.running, load.isPaused ? 0 : load.ready) }

    private static func sum(_ one: Int, _ other: Int) -> Int {
        let (sum, overflow) = one.addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
