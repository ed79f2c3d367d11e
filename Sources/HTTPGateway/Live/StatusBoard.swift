import Blocking
import Logging
import ServiceLifecycle
import Synchronization
import TaskQueue

/// Watches the tasks that someone waits for, and tells each of its followers when it moves.
///
/// The stores tell which tasks may have moved; one look then serves all followers, however many wait. Should a
/// notification be missed, the next round past all of them finds what it was about.
final class StatusBoard: Service {
    private struct Watched {
        var last: TaskRecord?
        var followers: [Int: AsyncStream<TaskRecord>.Continuation] = [:]
        var subscriptions: [Subscription] = []
    }

    private struct State {
        var watched: [TaskID: Watched] = [:]
        var moved: Set<TaskID> = []
        var followerCount = 0
        var lastNumber = 0
        var isClosed = false
    }

    private let client: TaskClient
    private let broker: any TaskBroker
    private let results: any ResultStore
    private let followersMax: Int
    private let logger: Logger
    private let state = Mutex(State())
    private let bell = Doorbell()

    /// A missed notification costs about this much.
    private static let roundInterval = Duration.seconds(2)
    /// A round goes in small steps, so that whoever has news to hear does not wait for those who have none.
    private static let roundPortion = 50
    private static let roundPause = Duration.milliseconds(10)
    /// Ids asked for at once.
    private static let portion = 500
    /// After a store failed to answer.
    private static let pause = Duration.milliseconds(200)

    init(
        broker: any TaskBroker, results: any ResultStore, followersMax: Int, logger: Logger
    ) {
        client = TaskClient(broker: broker, results: results)
        self.broker = broker
        self.results = results
        self.followersMax = followersMax
        self.logger = logger
    }

    /// The records of a task as it moves, the newest only if several come at once; ends after the final one, when the
    /// task is forgotten, when the time is up, or when the board closes.
    /// - Throws: `Problem` if too many wait already.
    func follow(_ id: TaskID, atMost wait: Duration? = nil) throws -> AsyncStream<TaskRecord> {
        let (stream, continuation) = AsyncStream.makeStream(of: TaskRecord.self, bufferingPolicy: .bufferingNewest(1))
        let (number, isNew) = try state.withLock { state throws(Problem) in
            guard !state.isClosed else {
                throw Problem(.unavailable, "the gateway is stopping", retryAfter: .seconds(1))
            }
            guard state.followerCount < followersMax else {
                throw Problem(.unavailable, "too many wait already; ask again later", retryAfter: .seconds(5))
            }
            state.lastNumber += 1
            state.followerCount += 1
            let isNew = state.watched[id] == nil
            state.watched[id, default: Watched()].followers[state.lastNumber] = continuation
            if let last = state.watched[id]?.last { continuation.yield(last) }
            return (state.lastNumber, isNew)
        }
        let timer = wait.map { TimerThread.shared.after($0) { continuation.finish() } }
        continuation.onTermination = { [weak self] _ in
            if let timer { TimerThread.shared.cancel(timer) }
            self?.leave(id, number)
        }
        if isNew { subscribe(to: id) }
        return stream
    }

    private func subscribe(to id: TaskID) {
        let listener: @Sendable () -> Void = { [weak self] in self?.note(id) }
        let subscriptions = [broker.onChange(of: [id], listener), results.onResult(of: [id], listener)]
        state.withLock { $0.watched[id]?.subscriptions = subscriptions }
        // It may have moved before anyone listened.
        note(id)
    }

    private func note(_ id: TaskID) {
        let isFirst = state.withLock { state in
            guard state.watched[id] != nil else { return false }
            return state.moved.insert(id).inserted
        }
        if isFirst { bell.ring() }
    }

    private func leave(_ id: TaskID, _ number: Int) {
        let subscriptions: [Subscription] = state.withLock { state in
            guard state.watched[id]?.followers.removeValue(forKey: number) != nil else { return [] }
            state.followerCount -= 1
            guard state.watched[id]?.followers.isEmpty == true else { return [] }
            return state.watched.removeValue(forKey: id)?.subscriptions ?? []
        }
        for subscription in subscriptions { subscription.end() }
    }

    /// Ends every stream; nobody can follow from now on.
    func close() {
        let continuations = state.withLock { state in
            state.isClosed = true
            return state.watched.values.flatMap { $0.followers.values }
        }
        for continuation in continuations { continuation.finish() }
        bell.ring()
    }

    /// Looks whenever something moved, until a graceful shutdown.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            var round: ArraySlice<TaskID> = []
            var began = ContinuousClock.now
            while !Task.isCancelled {
                await self.bell.wait(atMost: round.isEmpty ? Self.roundInterval : Self.roundPause)
                if round.isEmpty, ContinuousClock.now - began >= Self.roundInterval {
                    began = .now
                    round = self.state.withLock { Array($0.watched.keys)[...] }
                }
                await self.look(at: round.prefix(Self.roundPortion))
                round = round.dropFirst(Self.roundPortion)
            }
        }
        close()
    }

    /// Looks at what moved, and at these.
    private func look(at others: ArraySlice<TaskID>) async {
        let ids = state.withLock { state in
            defer { state.moved = [] }
            return Array(state.moved.union(others))
        }
        for start in stride(from: 0, to: ids.count, by: Self.portion) {
            let part = Array(ids[start..<min(start + Self.portion, ids.count)])
            do throws(StoreError) {
                publish(part, try await client.status(part))
            } catch {
                logger.debug("tasks that are waited for can't be read", metadata: [LogKeys.error: "\(error)"])
                state.withLock { $0.moved.formUnion(ids[start...]) }
                try? await Task.sleep(for: Self.pause)
                bell.ring()
                return
            }
        }
    }

    private func publish(_ ids: [TaskID], _ records: [TaskID: TaskRecord]) {
        let told: [(TaskRecord?, [AsyncStream<TaskRecord>.Continuation])] = state.withLock { state in
            ids.compactMap { id in
                guard let watched = state.watched[id], watched.last != records[id] || records[id] == nil else {
                    return nil
                }
                state.watched[id]?.last = records[id]
                return (records[id], Array(watched.followers.values))
            }
        }
        for (record, continuations) in told {
            for continuation in continuations {
                if let record { continuation.yield(record) }
                if record?.state.isFinal ?? true { continuation.finish() }
            }
        }
    }
}
