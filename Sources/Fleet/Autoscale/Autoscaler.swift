import TaskQueue

/// Sizes a fleet: fed with readings and their time, it answers with the number of workers, and why.
///
/// A plain value: no clock, no waiting. Stabilisation works as in Kubernetes' HorizontalPodAutoscaler: the fewest
/// workers wanted within the window for growing are how many there may come to be, the most wanted within the window for
/// shrinking are how few. What there was at the first reading counts as wanted then, so that a restarted supervisor takes
/// nobody's worker before the window has passed.
public struct Autoscaler: Sendable {
    /// What it goes by; may be changed between two readings.
    public var policy: ScalingPolicy
    private var wanted = RecentNumbers()
    private var decided = RecentNumbers()

    /// Makes one that knows nothing yet.
    public init(_ policy: ScalingPolicy) {
        self.policy = policy
    }

    /// Decides how many workers there should be.
    /// - Parameters:
    ///   - loads: What the queues hold.
    ///   - workers: How many workers there are, those that are starting included and those that drain not.
    ///   - now: The time since any fixed moment, never less than before.
    public mutating func decide(_ loads: [QueueLoad], workers: Int, at now: Duration) -> ScalingDecision {
        let demands = policy.demands(loads)
        let asked = policy.workers(for: demands)
        var reasons = policy.mode == .targetWait ? demands.compactMap(\.remark) : []
        var desired = bounded(asked, &reasons)
        remember(desired, workers: workers, at: now)
        desired = stabilized(desired, workers: workers, at: now, &reasons)
        desired = stepped(desired, workers: workers, at: now, &reasons)
        // Once more, for there may be workers outside the bounds.
        desired = min(max(desired, policy.workers.lowerBound), policy.workers.upperBound)
        decided.add(desired, at: now, keeping: max(policy.stepUp?.span ?? .zero, policy.stepDown?.span ?? .zero))
        return ScalingDecision(
            desired: desired, workers: workers, wanted: asked, demands: demands, reasons: reasons)
    }

    private mutating func remember(_ asked: Int, workers: Int, at now: Duration) {
        let span = max(policy.scaleUpStabilization, policy.scaleDownStabilization)
        if wanted.isEmpty { wanted.add(workers, at: now, keeping: span) }
        if decided.isEmpty { decided.add(workers, at: now, keeping: .zero) }
        wanted.add(asked, at: now, keeping: span)
    }

    /// Holds on to the present number unless a whole window agrees to leave it.
    private func stabilized(_ asked: Int, workers: Int, at now: Duration, _ reasons: inout [String]) -> Int {
        let up = policy.scaleUpStabilization
        let down = policy.scaleDownStabilization
        let ceiling = up > .zero ? wanted.lowest(since: now - up) ?? asked : asked
        let floor = down > .zero ? wanted.highest(since: now - down) ?? asked : asked
        let stable = min(max(workers, ceiling), floor)
        if stable < asked {
            reasons.append("\(asked) are wanted, but not throughout the last \(up.inSeconds) s")
        } else if stable > asked {
            reasons.append("\(asked) would do, \(stable) were wanted within the last \(down.inSeconds) s")
        }
        return stable
    }

    private func stepped(_ desired: Int, workers: Int, at now: Duration, _ reasons: inout [String]) -> Int {
        if let step = policy.stepUp {
            let lowest = decided.lowest(since: now - step.span) ?? workers
            let reach = step.reach(from: lowest)
            if desired > lowest, desired - lowest > reach {
                reasons.append("\(desired) are wanted, at most \(reach) come within \(step.span.inSeconds) s")
                return lowest + reach
            }
        }
        if let step = policy.stepDown {
            let highest = decided.highest(since: now - step.span) ?? workers
            let reach = step.reach(from: highest)
            if highest > desired, highest - desired > reach {
                reasons.append("\(desired) would do, at most \(reach) leave within \(step.span.inSeconds) s")
                return highest - reach
            }
        }
        return desired
    }

    private func bounded(_ desired: Int, _ reasons: inout [String]) -> Int {
        if desired > policy.workers.upperBound {
            reasons.append("\(desired) are wanted, no more than \(policy.workers.upperBound) may be")
        } else if desired < policy.workers.lowerBound {
            reasons.append("\(desired) would do, no fewer than \(policy.workers.lowerBound) may be")
        }
        return min(max(desired, policy.workers.lowerBound), policy.workers.upperBound)
    }
}
