public import Logging
import Synchronization

/// The lowest level that is logged, shared by many loggers, so that it can change while they are in use.
public final class LogThreshold: Sendable {
    private let current: Mutex<Logger.Level>

    /// Begins at a level.
    public init(_ level: Logger.Level) {
        current = Mutex(level)
    }

    /// The level now.
    public var level: Logger.Level {
        get { current.withLock { $0 } }
        set { current.withLock { $0 = newValue } }
    }
}
