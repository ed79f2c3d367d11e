internal import Redis
internal import Synchronization
internal import TaskQueue

/// Which queues there are: kept in one set, known here for a moment.
final class QueueDirectory: Sendable {
    private struct State {
        var names: [String] = []
        var readAt: ContinuousClock.Instant?
        var registeredAt: [String: ContinuousClock.Instant] = [:]
    }

    private let books: RedisBooks
    private let state = Mutex(State())

    /// New queues are announced; this is for announcements that were missed.
    private static let readAgainAfter = Duration.seconds(1)
    /// Should somebody have emptied the server, the next task after this makes its queue known again.
    private static let registerAgainAfter = Duration.seconds(10)

    init(_ books: RedisBooks) {
        self.books = books
    }

    /// All queues, sorted.
    func names(fresh: Bool = false) async throws(StoreError) -> [String] {
        let known = state.withLock { state in
            state.readAt.flatMap { .now - $0 < Self.readAgainAfter ? state.names : nil }
        }
        if let known, !fresh { return known }
        let reply: RedisValue
        do throws(RedisError) {
            reply = try await books.client.send(RedisCommand("SMEMBERS", books.keys.queues))
        } catch {
            throw StoreError(error, "read the list of queues")
        }
        let names = (reply.array ?? []).compactMap(\.string).sorted()
        state.withLock { state in
            state.names = names
            state.readAt = .now
        }
        return names
    }

    /// The one queue asked for, or all.
    func names(or queue: String?) async throws(StoreError) -> [String] {
        if let queue { [queue] } else { try await names() }
    }

    /// Looks tasks up by id: in the queues known here, and if any is not found there, in those that came since.
    func lookUp<Value>(
        _ ids: [TaskID], _ body: ([String], [TaskID]) async throws(StoreError) -> [TaskID: Value]
    ) async throws(StoreError) -> [TaskID: Value] {
        let known = try await names()
        let found = try await body(known, ids)
        let missing = ids.filter { found[$0] == nil }
        guard !missing.isEmpty else { return found }
        let more = try await names(fresh: true).filter { !known.contains($0) }
        guard !more.isEmpty else { return found }
        return found.merging(try await body(more, missing)) { first, _ in first }
    }

    /// Makes queues known before their first task is accepted; the purpose is for the error.
    func register(_ queues: some Sequence<String>, to purpose: String) async throws(StoreError) {
        let now = ContinuousClock.now
        let unknown = state.withLock { state in
            queues.filter { queue in state.registeredAt[queue].map { now - $0 > Self.registerAgainAfter } ?? true }
        }
        guard !unknown.isEmpty else { return }
        do throws(RedisError) {
            let added = try await books.client.send(
                RedisCommand("SADD", [books.keys.queues] + unknown.map { .string($0) }))
            if added.integer != 0 {
                _ = try await books.client.send(RedisCommand("PUBLISH", .string(books.keys.newQueues), ""))
            }
        } catch {
            throw StoreError(error, purpose)
        }
        state.withLock { state in
            for queue in unknown { state.registeredAt[queue] = now }
            state.readAt = nil
        }
    }

    /// Forgets what was read, because there is something new.
    func invalidate() {
        state.withLock { $0.readAt = nil }
    }
}
