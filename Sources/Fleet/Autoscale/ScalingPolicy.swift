import TaskQueue

/// What a fleet is sized by, and how quickly it may follow.
public struct ScalingPolicy: Hashable, Sendable {
    /// What the number of workers is computed from.
    public enum Mode: Hashable, Sendable {
        /// Enough slots that what waits now will have started within its target wait.
        case targetWait
        /// So many tasks, waiting or running, a worker.
        case lengthPerWorker(Int)
    }

    /// What the number of workers is computed from.
    public var mode = Mode.targetWait
    /// How long a task may wait for a slot, over zero.
    public var targetWait = Duration.seconds(5)
    /// The queues with a target of their own.
    public var targetWaits: [String: Duration] = [:]
    /// How many workers there may be.
    public var workers: ClosedRange<Int>
    /// How many tasks one worker runs at once, at least 1.
    public var slotsPerWorker: Int
    /// How long more workers must have been wanted before they are added; the fewest wanted in this time are.
    public var scaleUpStabilization = Duration.zero
    /// How long fewer workers must have been enough before any leaves; the most wanted in this time stay.
    public var scaleDownStabilization = Duration.seconds(60)
    /// How quickly workers are added; nil for all at once.
    public var stepUp: ScalingStep?
    /// How quickly workers leave; nil for all at once.
    public var stepDown: ScalingStep?

    /// Makes a policy of target waits; bounds below zero are taken for zero.
    public init(workers: ClosedRange<Int>, slotsPerWorker: Int) {
        self.workers = workers.clamped(to: 0...Int.max)
        self.slotsPerWorker = max(1, slotsPerWorker)
    }

    /// The same without windows and steps: for those who have their own, or look only once.
    public var atOnce: ScalingPolicy {
        var policy = self
        (policy.scaleUpStabilization, policy.scaleDownStabilization) = (.zero, .zero)
        (policy.stepUp, policy.stepDown) = (nil, nil)
        return policy
    }

    /// What each queue asks for, in the order of the loads.
    public func demands(_ loads: [QueueLoad]) -> [QueueDemand] {
        loads.map { load in
            let target = max(targetWaits[load.queue] ?? targetWait, .milliseconds(1))
            return QueueDemand(load, targetWait: target, slotsPerWorker: slotsPerWorker)
        }
    }

    /// How many workers that comes to, within no bounds: queues share workers, so their slots are added first.
    public func workers(for demands: [QueueDemand]) -> Int {
        let (sum, share) =
            switch mode {
            case .targetWait: (demands.map(\.slots), slotsPerWorker)
            case .lengthPerWorker(let tasks): (demands.map(\.tasks), tasks)
            }
        let workers = sum.reduce(0.0) { $0 + Double($1) } / Double(max(1, share))
        return Int(exactly: workers.rounded(.up)) ?? .max
    }
}
