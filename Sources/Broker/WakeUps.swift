internal import Logging
internal import Redis
internal import Synchronization
internal import TaskQueue

/// Hears that there is work, over a subscription of this process alone.
///
/// A worker that got less than it wanted leaves the channel's name with the queue, in the same script that found
/// nothing; the script that next adds work tells it. A lost message costs one idle interval of the worker.
final class WakeUps: Sendable {
    private let subscriber: RedisSubscriber
    private let keys: RedisKeys
    private let name: String
    private let onNewQueue: @Sendable () -> Void
    private let listeners = Listeners()
    private let logger: Logger
    private let start = Mutex<Task<Void, Never>?>(nil)
    private let isListening = Atomic(false)
    private let gapCount = Atomic(0)
    private let orderCount = Atomic(0)

    init(
        _ configuration: RedisConfiguration, _ keys: RedisKeys, _ logger: Logger,
        onNewQueue: @escaping @Sendable () -> Void
    ) {
        subscriber = RedisSubscriber(configuration, logger: logger)
        self.keys = keys
        self.logger = logger
        self.onNewQueue = onNewQueue
        name = keys.channel("wake")
    }

    deinit {
        start.withLock { $0 }?.cancel()
    }

    /// What to leave with a queue; empty while nobody listens.
    var channel: String { isListening.load(ordering: .acquiring) ? name : "" }

    /// How often the connection was lost and made anew.
    var gaps: Int { gapCount.load(ordering: .relaxed) }

    /// How often some worker was told something.
    var orders: Int { orderCount.load(ordering: .acquiring) }

    func listen(_ listener: @escaping @Sendable () -> Void) -> Subscription {
        let subscription = listeners.add(listener)
        start.withLock { start in
            if start == nil { start = Task { [weak self] in await self?.subscribe() } }
        }
        return subscription
    }

    private func subscribe() async {
        while !Task.isCancelled {
            do throws(RedisError) {
                try await subscriber.subscribe(to: name) { [weak self, listeners] event in
                    if event == .gap { self?.gapCount.add(1, ordering: .relaxed) }
                    listeners.notify()
                }
                try await subscriber.subscribe(to: keys.newQueues) { [listeners, onNewQueue] _ in
                    onNewQueue()
                    listeners.notify()
                }
                try await subscriber.subscribe(to: keys.newOrders) { [weak self, listeners] _ in
                    self?.orderCount.add(1, ordering: .releasing)
                    listeners.notify()
                }
                isListening.store(true, ordering: .releasing)
                // Until now nothing could be heard.
                listeners.notify()
                return
            } catch {
                logger.warning("no wake-ups yet; asking for work at intervals", metadata: ["error": "\(error)"])
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }
}
