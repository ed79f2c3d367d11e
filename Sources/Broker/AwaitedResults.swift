internal import Logging
internal import Redis
internal import Synchronization
internal import TaskQueue

/// Who in this process waits for which task; the server is told, so that it speaks of no others.
final class AwaitedResults: Sendable {
    private struct State {
        var listeners: [TaskID: [Int: @Sendable () -> Void]] = [:]
        var lastNumber = 0
    }

    private let books: RedisBooks
    private let directory: QueueDirectory
    private let subscriber: RedisSubscriber
    private let channel: String
    private let logger: Logger
    private let state = Mutex(State())
    private let subscribed = Mutex(false)

    /// A wait that takes longer finds its result by looking.
    private static let noticeMax = Duration.seconds(3600)

    init(_ books: RedisBooks, _ directory: QueueDirectory, _ logger: Logger) {
        self.books = books
        self.directory = directory
        self.logger = logger
        subscriber = RedisSubscriber(books.client.configuration, logger: logger)
        channel = books.keys.channel("done")
    }

    func listen(to ids: [TaskID], _ listener: @escaping @Sendable () -> Void) -> Subscription {
        let number = state.withLock { state in
            state.lastNumber += 1
            for id in ids { state.listeners[id, default: [:]][state.lastNumber] = listener }
            return state.lastNumber
        }
        let asking = Task { await ask(ids, listener) }
        return Subscription { [weak self] in
            asking.cancel()
            self?.state.withLock { state in
                for id in ids {
                    state.listeners[id]?[number] = nil
                    if state.listeners[id]?.isEmpty == true { state.listeners[id] = nil }
                }
            }
        }
    }

    private func ask(_ ids: [TaskID], _ listener: @Sendable () -> Void) async {
        do {
            if !subscribed.withLock(\.self) {
                try await subscriber.subscribe(to: channel) { [weak self] event in self?.hear(event) }
                subscribed.withLock { $0 = true }
            }
            let arguments: [RedisArgument] =
                [.string(channel), .integer(Self.noticeMax.wholeMilliseconds)] + ids.map { .bytes($0.bytes) }
            _ = try await books.runEverywhere(
                BrokerScript.await, "ask for notice of results", on: directory.names(fresh: true), arguments)
        } catch {
            guard !Task.isCancelled else { return }
            logger.warning("no notice of results; looking at intervals", metadata: ["error": "\(error)"])
        }
        // It may have ended before the server knew that somebody waits.
        listener()
    }

    private func hear(_ event: RedisSubscriber.Event) {
        let listeners = state.withLock { state in
            switch event {
            case .message(let bytes):
                TaskID(bytes: bytes).flatMap { state.listeners[$0] }.map { Array($0.values) } ?? []
            case .gap: state.listeners.values.flatMap { Array($0.values) }
            }
        }
        for listener in listeners { listener() }
    }
}
