/// The store's clock as a worker knows it: the last reading, carried on by the monotonic clock.
///
/// Records written by the worker then agree with the store's own times, even if the machine's clock is wrong or jumps.
struct StoreTime {
    private var reading = Timestamp.now
    private var readAt = ContinuousClock.now

    mutating func set(_ time: Timestamp) {
        reading = time
        readAt = .now
    }

    var now: Timestamp { at(.now) }

    func at(_ instant: ContinuousClock.Instant) -> Timestamp {
        reading + (instant - readAt)
    }
}
