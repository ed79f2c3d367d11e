import Synchronization

/// Keeps a listener registered; ending it, or letting go of it, removes the listener.
public final class Subscription: Sendable {
    private let onEnd: Mutex<(@Sendable () -> Void)?>

    /// Remembers what removes the listener.
    public init(onEnd: @escaping @Sendable () -> Void) {
        self.onEnd = Mutex(onEnd)
    }

    /// Removes the listener; a second time does nothing.
    public func end() {
        let action = onEnd.withLock { action in
            defer { action = nil }
            return action
        }
        action?()
    }

    deinit {
        end()
    }
}

/// The listeners of one kind of event.
public final class Listeners: Sendable {
    private struct State {
        var lastNumber = 0
        var listeners: [Int: @Sendable () -> Void] = [:]
    }

    private let state = Mutex(State())

    /// Starts without listeners.
    public init() {}

    /// Adds a listener; it must not block.
    public func add(_ listener: @escaping @Sendable () -> Void) -> Subscription {
        let number = state.withLock { state in
            state.lastNumber += 1
            state.listeners[state.lastNumber] = listener
            return state.lastNumber
        }
        return Subscription { [weak self] in
            _ = self?.state.withLock { $0.listeners.removeValue(forKey: number) }
        }
    }

    /// Tells every listener.
    public func notify() {
        for listener in state.withLock({ Array($0.listeners.values) }) { listener() }
    }
}
