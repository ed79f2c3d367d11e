package import Fleet

/// A way to size a fleet, as it would be set up.
package struct Contender: Sendable {
    /// What it is called in a legend.
    package let name: String
    /// What it goes by.
    package let policy: ScalingPolicy
    /// How often it looks, in seconds.
    package let interval: Double

    package init(_ name: String, _ policy: ScalingPolicy, every interval: Double) {
        self.name = name
        self.policy = policy
        self.interval = interval
    }

    /// The same length a worker, once at our pace and once at Kubernetes' defaults, against target waits.
    package static func all(workers: ClosedRange<Int>, slotsPerWorker: Int) -> [Contender] {
        let target = ScalingPolicy(workers: workers, slotsPerWorker: slotsPerWorker)
        var length = target
        // What suits tasks of 0.2 s best: the last of a full worker's share starts after 2 s.
        length.mode = .lengthPerWorker(slotsPerWorker * 10)
        var kubernetes = length
        kubernetes.scaleDownStabilization = .seconds(300)
        kubernetes.stepUp = ScalingStep(workers: 4, orShare: 1, per: .seconds(15))
        return [
            Contender("target wait 5 s", target, every: 1),
            Contender("100 tasks a worker", length, every: 1),
            Contender("100 tasks a worker, HPA's defaults", kubernetes, every: 15),
        ]
    }
}
