import Synchronization

/// How many requests one caller may make.
public struct RateLimit: Hashable, Sendable {
    /// Requests a second in the long run.
    public var perSecond: Double
    /// Requests that may come at once.
    public var burst: Int

    /// A rate with a burst of one second's worth, unless another is given.
    public init(perSecond: Double, burst: Int? = nil) {
        self.perSecond = perSecond
        self.burst = burst ?? max(1, Int(perSecond.rounded(.up)))
    }
}

/// Counts requests of callers; shared by gateways where the store is.
public protocol RateCounter: Sendable {
    /// Counts one request.
    /// - Returns: How long until the next is allowed; nil if this one is.
    func take(_ caller: String, _ limit: RateLimit) async throws -> Duration?
}

/// Counts within this process, by the generic cell rate algorithm: one time for each caller, nothing to refill.
///
/// Source: ITU-T I.371, annex A.
public final class LocalRateCounter: RateCounter {
    /// When each caller's bucket would be empty.
    private let theoretical = Mutex<[String: ContinuousClock.Instant]>([:])
    private static let callersMax = 100_000

    /// Nobody has asked yet.
    public init() {}

    /// See ``RateCounter/take(_:_:)``.
    public func take(_ caller: String, _ limit: RateLimit) async -> Duration? {
        let now = ContinuousClock.now
        let interval = Duration.seconds(1) / max(limit.perSecond, 1e-6)
        let tolerance = interval * max(limit.burst - 1, 0)
        return theoretical.withLock { times in
            // Those whose bucket is empty again are like those never seen.
            if times.count > Self.callersMax { times = times.filter { $0.value > now } }
            let arrival = max(times[caller] ?? now, now)
            guard arrival - now <= tolerance else { return arrival - now - tolerance }
            times[caller] = arrival + interval
            return nil
        }
    }
}
