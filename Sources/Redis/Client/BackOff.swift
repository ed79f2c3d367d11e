/// The pauses between attempts to connect: doubling, bounded, jittered so that a fleet does not return in step.
struct BackOff {
    private let minimum: Duration
    private let maximum: Duration
    private(set) var attempts = 0

    /// - Parameter maximum: The longest pause; nil for the configured one.
    init(_ configuration: RedisConfiguration, maximum: Duration? = nil) {
        minimum = min(configuration.backOffMinimum, maximum ?? configuration.backOffMinimum)
        self.maximum = maximum ?? configuration.backOffMaximum
    }

    mutating func next() -> Duration {
        attempts += 1
        let whole = min(maximum, minimum * (1 << min(attempts - 1, 16)))
        return whole * Double.random(in: 0.5...1)
    }

    mutating func reset() { attempts = 0 }
}
