import Blocking
import ServiceLifecycle
import Synchronization
import TaskQueue

/// What the dashboard shows of the whole, read once a second for all who look, and not at all while nobody does.
///
/// Gauges must be read from the store, and a rate is the difference of two readings: so this one looks by the clock.
final class Overview: Service {
    private struct State {
        var watchers: [Int: AsyncStream<[UInt8]>.Continuation] = [:]
        var lastNumber = 0
        var last: [UInt8]?
        var isClosed = false
    }

    private struct Page: Encodable {
        let at: Timestamp
        let queues: [QueueStatus]
        let workers: [WorkerStatus]
        let tasks: [StatusView]
        let dead: [LetterView]
    }

    private let client: TaskClient
    private let broker: any TaskBroker
    private let state = Mutex(State())
    private let bell = Doorbell()

    private static let interval = Duration.seconds(1)
    private static let tasksShown = 100
    private static let lettersShown = 100
    /// Reading through all records may take a while on Redis; the dashboard then comes less often.
    private static let patience = Duration.seconds(5)

    init(client: TaskClient, broker: any TaskBroker) {
        self.client = client
        self.broker = broker
    }

    /// The overview as JSON, again and again.
    func watch() throws -> AsyncStream<[UInt8]> {
        let (stream, continuation) = AsyncStream.makeStream(of: [UInt8].self, bufferingPolicy: .bufferingNewest(1))
        let number = try state.withLock { state in
            guard !state.isClosed else { throw CancellationError() }
            state.lastNumber += 1
            state.watchers[state.lastNumber] = continuation
            if let last = state.last { continuation.yield(last) }
            return state.lastNumber
        }
        continuation.onTermination = { [weak self] _ in
            _ = self?.state.withLock { state in
                state.watchers.removeValue(forKey: number)
                if state.watchers.isEmpty { state.last = nil }
            }
        }
        bell.ring()
        return stream
    }

    /// Reads again now, because someone has just changed something.
    func refresh() {
        bell.ring()
    }

    /// Ends every stream.
    func close() {
        let watchers = state.withLock { state in
            state.isClosed = true
            return Array(state.watchers.values)
        }
        for watcher in watchers { watcher.finish() }
        bell.ring()
    }

    /// Reads while someone watches, until a graceful shutdown.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                let isWatched = self.state.withLock { !$0.watchers.isEmpty }
                if isWatched { await self.read() }
                await self.bell.wait(atMost: isWatched ? Self.interval : .seconds(3600))
            }
        }
        close()
    }

    private func read() async {
        do {
            let late = StoreError(.unavailable, "the stores did not answer in time")
            let page = try await within(Self.patience, else: late) { [client, broker] in
                let letters = try await broker.deadLetters(nil, limit: Self.lettersShown)
                return Page(
                    at: .now, queues: try await broker.queues(), workers: try await broker.workers(),
                    tasks: try await client.list(TaskFilter(limit: Self.tasksShown)).map(StatusView.init),
                    dead: letters.map { LetterView($0, withMessage: false) })
            }
            tell(try PayloadCodec.encode(page))
        } catch {
            // The dashboard sees that nothing comes and says so; the probes tell operators.
            tell(Array(#"{"unavailable":true}"#.utf8))
        }
    }

    private func tell(_ page: [UInt8]) {
        let watchers = state.withLock { state in
            state.last = state.watchers.isEmpty ? nil : page
            return Array(state.watchers.values)
        }
        for watcher in watchers { watcher.yield(page) }
    }
}
