public import Fleet
import TaskQueue

/// `autoscale.*`: what the number of workers is computed from.
public struct ScalingSettings: Hashable, Sendable {
    /// `autoscale.target_wait`: how long a task may wait for a slot.
    public var targetWait = Duration.seconds(5)
    /// `autoscale.target_waits`: queues with a target of their own, as `ml=30s`.
    public var targetWaits: [String: Duration] = [:]
    /// `autoscale.up_seconds`: how long more workers must have been wanted.
    public var upStabilization = Duration.zero
    /// `autoscale.down_seconds`: how long fewer must have been enough.
    public var downStabilization = Duration.seconds(60)
    /// `autoscale.tasks_per_worker`: the plain mode instead; nil where waits decide.
    public var tasksPerWorker: Int?

    static let keys: Set<String> = [
        "autoscale.target_wait", "autoscale.target_waits", "autoscale.up_seconds", "autoscale.down_seconds",
        "autoscale.tasks_per_worker",
    ]

    /// The defaults.
    public init() {}

    init(_ reading: inout SettingsReading) {
        targetWait = reading.duration("autoscale.target_wait", targetWait)
        for entry in reading.list("autoscale.target_waits") {
            let parts = entry.split(separator: "=", maxSplits: 1).map(String.init)
            if parts.count == 2, let wait = Duration(typed: parts[1]), wait > .zero {
                targetWaits[parts[0]] = wait
            } else {
                reading.complain("autoscale.target_waits", "every entry must be QUEUE=TIME, as ml=30s")
            }
        }
        upStabilization = .seconds(reading.number("autoscale.up_seconds", 0...86_400, 0))
        downStabilization = .seconds(reading.number("autoscale.down_seconds", 0...86_400, 60))
        let tasks = reading.number("autoscale.tasks_per_worker", 0...1_000_000, 0)
        tasksPerWorker = tasks == 0 ? nil : tasks
    }

    /// The policy for a fleet of so many workers, each with so many slots.
    public func policy(workers: ClosedRange<Int>, slotsPerWorker: Int) -> ScalingPolicy {
        var policy = ScalingPolicy(workers: workers, slotsPerWorker: slotsPerWorker)
        policy.targetWait = targetWait
        policy.targetWaits = targetWaits
        policy.scaleUpStabilization = upStabilization
        policy.scaleDownStabilization = downStabilization
        if let tasksPerWorker { policy.mode = .lengthPerWorker(tasksPerWorker) }
        return policy
    }
}
