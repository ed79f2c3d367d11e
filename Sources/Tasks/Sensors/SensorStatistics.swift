/// A sensor's running mean and spread.
///
/// Welford's method (B. P. Welford, 1962) with a bounded memory: from ``memory`` readings on, each new one weighs
/// 1/memory, so that the statistics follow the seasons.
public struct SensorStatistics: Hashable, Sendable {
    /// Readings so far, at most ``memory``.
    public private(set) var count: Double
    /// Their mean.
    public private(set) var mean: Double
    /// Their variance.
    public private(set) var variance: Double

    /// Readings after which older ones fade.
    public static let memory: Double = 1000
    /// Readings before the first verdict.
    public static let countMin: Double = 20
    /// Standard deviations from which a reading is an anomaly.
    public static let deviationsMax: Double = 4
    /// Larger values count as this large: the square of what is near the largest number would be infinite.
    private static let magnitudeMax = 1e150

    /// Statistics as a store kept them.
    public init(count: Double = 0, mean: Double = 0, variance: Double = 0) {
        self.count = count
        self.mean = mean
        self.variance = variance
    }

    /// The square root of the variance.
    public var standardDeviation: Double { max(variance, 0).squareRoot() }

    /// Scores a value against the past.
    public func score(_ value: Double) -> ReadingScore {
        guard count >= Self.countMin else { return ReadingScore(deviations: 0, isAnomaly: false, expected: nil) }
        // A sensor that always says the same has no spread; a thousandth of its value stands in.
        let spread = max(standardDeviation, abs(mean) * 1e-3, 1e-9)
        let deviations = min(abs(value - mean) / spread, 1e6)
        return ReadingScore(deviations: deviations, isAnomaly: deviations > Self.deviationsMax, expected: self)
    }

    /// Takes a value in.
    ///
    /// One far outside counts as one at the edge, so that a spike does not widen what is usual.
    public mutating func add(_ value: Double) {
        var value = min(max(value, -Self.magnitudeMax), Self.magnitudeMax)
        if count >= Self.countMin {
            let reach = max(standardDeviation, abs(mean) * 1e-3, 1e-9) * Self.deviationsMax
            value = min(max(value, mean - reach), mean + reach)
        }
        count = min(count + 1, Self.memory)
        let delta = value - mean
        mean += delta / count
        variance += (delta * (value - mean) - variance) / count
    }
}
