import Dispatch
import Foundation
import Synchronization

/// One thread that keeps time for a process, on the monotonic clock.
///
/// `Task.sleep` resumes on the cooperative pool; a process whose tasks burn every core would renew no lease and end
/// no wait. This thread is nobody else's. Actions must be short and must not block: they ring bells and start tasks.
public final class TimerThread: Sendable {
    /// The process's own; made on first use, never stopped.
    public static let shared = TimerThread()

    /// Names a scheduled action, so that it can be cancelled.
    public struct Token: Hashable, Sendable {
        fileprivate let number: UInt64
    }

    private struct Entry {
        var due: ContinuousClock.Instant
        var interval: Duration?
        var action: @Sendable () -> Void
    }

    private struct State {
        var entries: [Token: Entry] = [:]
        var lastNumber: UInt64 = 0
        var nextWake: ContinuousClock.Instant?
    }

    private let state = Mutex(State())
    private let changed = DispatchSemaphore(value: 0)

    private init() {
        let thread = Thread { [self] in
            while true { wait(for: fireDue()) }
        }
        thread.name = "tq-timer"
        thread.start()
    }

    /// Runs an action once, after a delay.
    @discardableResult
    public func after(_ delay: Duration, _ action: @escaping @Sendable () -> Void) -> Token {
        add(Entry(due: .now + delay, interval: nil, action: action))
    }

    /// Runs an action again and again, the first time after one interval.
    @discardableResult
    public func every(_ interval: Duration, _ action: @escaping @Sendable () -> Void) -> Token {
        add(Entry(due: .now + interval, interval: interval, action: action))
    }

    /// Forgets an action; one that is already running is not waited for.
    public func cancel(_ token: Token) {
        _ = state.withLock { $0.entries.removeValue(forKey: token) }
    }

    private func add(_ entry: Entry) -> Token {
        let (token, isEarlier) = state.withLock { state in
            state.lastNumber += 1
            let token = Token(number: state.lastNumber)
            state.entries[token] = entry
            return (token, state.nextWake.map { entry.due < $0 } ?? true)
        }
        // A later entry is seen when the thread next wakes; waking it for each would cost a switch per wait.
        if isEarlier { changed.signal() }
        return token
    }

    /// Runs what is due and returns when the next entry will be.
    private func fireDue() -> ContinuousClock.Instant? {
        let now = ContinuousClock.now
        let (due, next) = state.withLock { state in
            var due: [@Sendable () -> Void] = []
            for (token, entry) in state.entries where entry.due <= now {
                due.append(entry.action)
                if let interval = entry.interval {
                    state.entries[token]?.due = now + interval
                } else {
                    state.entries[token] = nil
                }
            }
            state.nextWake = state.entries.values.lazy.map(\.due).min()
            return (due, state.nextWake)
        }
        for action in due { action() }
        return next
    }

    private func wait(for instant: ContinuousClock.Instant?) {
        guard let instant else { return changed.wait() }
        let (seconds, attoseconds) = max(instant - .now, .zero).components
        // Bounded, so that a deadline years away can't overflow Dispatch's nanoseconds.
        let nanoseconds = min(seconds, 3600) * 1_000_000_000 + attoseconds / 1_000_000_000
        _ = changed.wait(timeout: .now() + .nanoseconds(Int(nanoseconds)))
    }
}
