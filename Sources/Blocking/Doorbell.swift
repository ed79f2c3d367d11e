import Synchronization

/// A bell that one task waits at and anybody rings.
///
/// A ring is kept until it is heard, so ringing just before the wait is not lost; many rings before it count as one.
public final class Doorbell: Sendable {
    private enum State {
        case silent
        case rung
        case waiting(CheckedContinuation<Void, Never>)
    }

    private let state = Mutex(State.silent)

    /// Makes a silent bell.
    public init() {}

    /// Wakes the waiting task, or the next one that waits.
    public func ring() {
        let waiting: CheckedContinuation<Void, Never>? = state.withLock { state in
            if case .waiting(let continuation) = state {
                state = .silent
                return continuation
            }
            state = .rung
            return nil
        }
        waiting?.resume()
    }

    /// Waits for a ring, at most `timeout`, or until the task is cancelled.
    ///
    /// One task at a time may wait; a second one ends the first one's wait.
    public func wait(atMost timeout: Duration) async {
        let token = TimerThread.shared.after(timeout) { self.ring() }
        defer { TimerThread.shared.cancel(token) }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let resumed: CheckedContinuation<Void, Never>? = state.withLock { state in
                    switch state {
                    case .silent:
                        state = .waiting(continuation)
                        return nil
                    case .rung:
                        state = .silent
                        return continuation
                    case .waiting(let earlier):
                        state = .waiting(continuation)
                        return earlier
                    }
                }
                resumed?.resume()
            }
        } onCancel: {
            ring()
        }
    }
}
