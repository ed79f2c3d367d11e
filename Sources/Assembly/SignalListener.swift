import Blocking
public import ServiceLifecycle
import UnixSignals

/// Does what signals ask: SIGTERM or SIGINT stops, a second one stops at once, SIGHUP reloads.
public struct SignalListener: Service {
    private let stop: @Sendable (_ isFirst: Bool) -> Void
    private let reload: @Sendable () async -> Void

    /// Says what to do.
    /// - Parameters:
    ///   - stop: Called for every SIGTERM or SIGINT.
    ///   - reload: Called for every SIGHUP.
    public init(stop: @escaping @Sendable (_ isFirst: Bool) -> Void, reload: @escaping @Sendable () async -> Void) {
        self.stop = stop
        self.reload = reload
    }

    /// Listens until a graceful shutdown.
    public func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup)
        // Not `cancelOnGracefulShutdown()`, which makes a task of its own, and that may find no thread while handlers
        // keep them all: signals must be heard then above all.
        await cancelWhenGracefulShutdown {
            var requests = 0
            for await signal in signals {
                guard signal != .sighup else {
                    await reload()
                    continue
                }
                requests += 1
                stop(requests == 1)
            }
        }
    }
}
