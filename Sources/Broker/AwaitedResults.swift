internal import Logging
internal import Redis
internal import Synchronization
internal import TaskQueue

/// Who in this process waits for which task; the server is told, so that it speaks of no others.
final class AwaitedResults: Sendable {
    private struct State {
        var listeners: [TaskID: [Int: @Sendable () -> Void]] = [:]
        var lastNumber = 0
        /// Those the server has not been told of.
        var unasked: Set<TaskID> = []
        var isAsking = false
        var isSubscribed = false
    }

    private let books: RedisBooks
    private let directory: QueueDirectory
    private let subscriber: RedisSubscriber
    private let channel: String
    private let logger: Logger
    private let state = Mutex(State())

    /// A wait that takes longer finds its result by looking.
    private static let noticeMax = Duration.seconds(3600)
    /// Ids that go to the server at once.
    private static let portion = 500

    init(_ books: RedisBooks, _ directory: QueueDirectory, _ logger: Logger) {
        self.books = books
        self.directory = directory
        self.logger = logger
        subscriber = RedisSubscriber(books.client.configuration, logger: logger)
        channel = books.keys.channel("done")
    }

    func listen(to ids: [TaskID], _ listener: @escaping @Sendable () -> Void) -> Subscription {
        let (number, mustAsk) = state.withLock { state in
            state.lastNumber += 1
            for id in ids { state.listeners[id, default: [:]][state.lastNumber] = listener }
            state.unasked.formUnion(ids)
            defer { state.isAsking = true }
            return (state.lastNumber, !state.isAsking)
        }
        // One asks for all who come meanwhile; a task for each would stay as large as it ever was.
        if mustAsk { Task { await ask() } }
        return Subscription { [weak self] in
            self?.state.withLock { state in
                for id in ids {
                    state.listeners[id]?[number] = nil
                    if state.listeners[id]?.isEmpty == true { state.listeners[id] = nil }
                }
            }
        }
    }

    private func ask() async {
        while let ids = nextPortion() {
            do {
                if !state.withLock(\.isSubscribed) {
                    try await subscriber.subscribe(to: channel) { [weak self] event in self?.hear(event) }
                    state.withLock { $0.isSubscribed = true }
                }
                let arguments: [RedisArgument] =
                    [.string(channel), .integer(Self.noticeMax.wholeMilliseconds)] + ids.map { .bytes($0.bytes) }
                _ = try await books.runEverywhere(
                    BrokerScript.await, "ask for notice of results", on: directory.names(fresh: true), arguments)
            } catch {
                logger.warning("no notice of results; looking at intervals", metadata: ["error": "\(error)"])
            }
            // They may have ended before the server knew that somebody waits.
            tell(state.withLock { state in ids.flatMap { state.listeners[$0].map { Array($0.values) } ?? [] } })
        }
    }

    /// Those still waited for; nil when there are none, and the asking is over.
    private func nextPortion() -> [TaskID]? {
        state.withLock { state in
            var ids: [TaskID] = []
            while ids.count < Self.portion, let id = state.unasked.popFirst() {
                if state.listeners[id] != nil { ids.append(id) }
            }
            if ids.isEmpty { state.isAsking = false }
            return ids.isEmpty ? nil : ids
        }
    }

    private func hear(_ event: RedisSubscriber.Event) {
        let listeners = state.withLock { state in
            switch event {
            case .message(let bytes):
                TaskID(bytes: bytes).flatMap { state.listeners[$0] }.map { Array($0.values) } ?? []
            case .gap: state.listeners.values.flatMap { Array($0.values) }
            }
        }
        tell(listeners)
    }

    private func tell(_ listeners: [@Sendable () -> Void]) {
        for listener in listeners { listener() }
    }
}
