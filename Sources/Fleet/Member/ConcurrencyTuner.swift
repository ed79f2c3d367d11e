import TaskQueue

/// How many attempts should run at once, between two bounds, by what that does to the machine and to the attempts.
///
/// A plain value, fed with one reading a second. It grows by a quarter while every slot is taken and nothing suffers from
/// it, and shrinks by a quarter when attempts take much longer than they could: then more of them at once get no more
/// done. What they could is the least they took since there were last the fewest slots; so when the work itself comes to
/// take longer, it shrinks to the fewest, and grows from there.
///
/// Source: the gradient of Netflix' concurrency-limits (https://github.com/Netflix/concurrency-limits), after TCP Vegas.
public struct ConcurrencyTuner: Hashable, Sendable {
    /// What a worker did within the last moment.
    public struct Reading: Hashable, Sendable {
        /// How many attempts ran.
        public var busy: Int
        /// How long one takes; nil if none has ended.
        public var service: Duration?
        /// How much of all cores the process used, 0 to 1.
        public var processorUse: Double

        /// Describes a moment.
        public init(busy: Int, service: Duration?, processorUse: Double) {
            self.busy = busy
            self.service = service
            self.processorUse = processorUse
        }
    }

    /// The fewest and the most.
    public private(set) var bounds: ClosedRange<Int>
    /// How many there should be.
    public private(set) var slots: Int
    private var shortest: Double?

    /// Over this much of all cores there is nothing to gain.
    private static let full = 0.85
    /// Attempts this many times as long as they could be leave no room for more.
    private static let noGrowth = 1.5
    /// Attempts this many times as long as they could be get in each other's way.
    private static let tooLong = 2.0

    /// Begins with the fewest, at least one.
    public init(bounds: ClosedRange<Int>) {
        self.bounds = max(1, bounds.lowerBound)...max(1, bounds.upperBound)
        slots = self.bounds.lowerBound
    }

    /// Changes the most; the fewest never exceed it.
    public mutating func raise(to most: Int) {
        let most = max(1, most)
        bounds = min(bounds.lowerBound, most)...most
        slots = min(slots, most)
    }

    /// Takes in a reading.
    /// - Returns: How many attempts should run at once from now on.
    public mutating func adjust(_ reading: Reading) -> Int {
        let strain = strain(reading.service)
        let step = max(1, slots / 4)
        if strain > Self.tooLong {
            slots = max(slots - step, bounds.lowerBound)
        } else if reading.busy >= slots, strain < Self.noGrowth, reading.processorUse < Self.full {
            slots = min(slots + step, bounds.upperBound)
        }
        return slots
    }

    /// How many times as long as it could an attempt takes.
    private mutating func strain(_ service: Duration?) -> Double {
        guard let seconds = service.map({ max($0.inSeconds, 1e-6) }) else { return 1 }
        let least = slots == bounds.lowerBound ? seconds : min(shortest ?? seconds, seconds)
        shortest = least
        return seconds / least
    }
}
