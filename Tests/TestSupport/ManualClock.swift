import Synchronization
package import TaskQueue

/// A store clock that moves only when a test says so.
package final class ManualClock: Sendable {
    private let time = Mutex(Timestamp(rawValue: 1_800_000_000_000))

    private let isReal: Bool

    /// Makes a clock; a real one goes by itself, for tests in which a worker waits for what falls due.
    package init(isReal: Bool = false) {
        self.isReal = isReal
    }

    package var clock: StoreClock { StoreClock { [self] in now } }

    package var now: Timestamp { isReal ? .now : time.withLock { $0 } }

    package func advance(by duration: Duration) {
        time.withLock { $0 = $0 + duration }
    }
}
