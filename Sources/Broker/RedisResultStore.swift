public import Logging
public import Redis
public import TaskQueue

/// Final records on Redis, each until its retention ends: the result store of a fleet that has no PostgreSQL.
///
/// Looking a task up by its id takes one step a queue; listing reads through all records.
public final class RedisResultStore: ResultStore {
    private let books: RedisBooks
    private let directory: QueueDirectory
    private let awaited: AwaitedResults

    /// Makes a store; connecting begins with the first call.
    /// - Parameters:
    ///   - client: The connections to use.
    ///   - prefix: What every key begins with; the broker's.
    ///   - clock: Nil for the server's own; tests give theirs.
    ///   - logger: Gets a line when the connection for notifications comes or goes.
    public init(
        _ client: RedisClient, prefix: String = RedisBroker.defaultPrefix, clock: StoreClock? = nil, logger: Logger
    ) {
        books = RedisBooks(client: client, keys: RedisKeys(prefix: prefix), clock: clock)
        directory = QueueDirectory(books)
        awaited = AwaitedResults(books, directory, logger)
    }

    /// See ``ResultStore/record(_:)``.
    public func record(_ records: [TaskRecord]) async throws(ResultError) -> [Bool] {
        for record in records where !record.state.isFinal {
            throw StoreError(.invalidRequest, "task \(record.id) is \(record.state.rawValue), which is not final")
        }
        var written = [Bool](repeating: false, count: records.count)
        let kept = records.indices.filter { records[$0].retention >= .milliseconds(1) }
        let byQueue = Dictionary(grouping: kept) { records[$0].queue }
        try await directory.register(byQueue.keys, to: "record results")
        for queues in books.groups(of: Array(byQueue.keys)) {
            let indices = queues.flatMap { byQueue[$0] ?? [] }
            var arguments: [RedisArgument] = []
            for (number, queue) in queues.enumerated() {
                for index in byQueue[queue] ?? [] {
                    let record = records[index]
                    arguments += [
                        .integer(Int64(number + 1)), .bytes(record.id.bytes),
                        .integer(min(record.retention.wholeMilliseconds, Self.retentionMax)),
                        .bytes(try RecordCodec.encode(record)),
                    ]
                }
            }
            let reply = try await books.run(BrokerScript.record, "record results", on: queues, arguments)
            for (index, answer) in zip(indices, reply.array ?? []) { written[index] = answer.integer == 1 }
        }
        return written
    }

    /// A server adds it to its clock, so there must be room left; in ms, more than 4,000 years.
    private static let retentionMax: Int64 = 1 << 47

    /// See ``ResultStore/fetch(_:)``.
    public func fetch(_ ids: [TaskID]) async throws(ResultError) -> [TaskID: TaskRecord] {
        guard !ids.isEmpty else { return [:] }
        return try await directory.lookUp(ids) { (queues, ids) throws(StoreError) in try await fetch(ids, in: queues) }
    }

    private func fetch(_ ids: [TaskID], in queues: [String]) async throws(ResultError) -> [TaskID: TaskRecord] {
        var found: [TaskID: TaskRecord] = [:]
        let keys = queues.map { queue in ids.map { books.keys.result(of: $0.bytes, in: queue) } }
        for values in try await pipeline(keys.map { RedisCommand("MGET", $0) }, "read results") {
            for (id, value) in zip(ids, values.array ?? []) {
                if let bytes = value.bytes { found[id] = kept(try RecordCodec.decode(bytes)) }
            }
        }
        return found
    }

    /// See ``ResultStore/list(_:)``.
    public func list(_ filter: TaskFilter) async throws(ResultError) -> [TaskRecord] {
        var newest: [TaskRecord] = []
        for queue in try await directory.names(or: filter.queue) {
            try await scan(queue) { records in
                newest += records.filter(filter.includes)
                newest.sort { $0.id > $1.id }
                newest.removeLast(max(0, newest.count - filter.limit))
            }
        }
        return newest
    }

    private func scan(_ queue: String, _ body: ([TaskRecord]) -> Void) async throws(ResultError) {
        var cursor: RedisArgument = "0"
        repeat {
            // By script, so that in a cluster it is the queue's node that is read through.
            let reply = try await books.run(
                BrokerScript.scan, "list results", on: [queue], [cursor, books.keys.resultPattern(in: queue)])
            let parts = try reading("list results", reply.requireArray)
            guard parts.count == 2, let next = parts[0].string else { return }
            cursor = .string(next)
            var records: [TaskRecord] = []
            for bytes in (parts[1].array ?? []).compactMap(\.bytes) {
                if let record = kept(try RecordCodec.decode(bytes)) { records.append(record) }
            }
            body(records)
        } while cursor != "0"
    }

    /// The server removes records by its own clock; only a test's clock can find one that should be gone.
    private func kept(_ record: TaskRecord) -> TaskRecord? {
        if let clock = books.clock, record.isPastRetention(at: clock.now) { nil } else { record }
    }

    private func pipeline(_ commands: [RedisCommand], _ what: String) async throws(ResultError) -> [RedisValue] {
        do throws(RedisError) {
            let replies = try await books.client.pipeline(commands)
            for reply in replies {
                if case .error(let error) = reply { throw RedisError(.server(error.prefix), error.message) }
            }
            return replies
        } catch {
            throw StoreError(error, what)
        }
    }

    /// Nothing to do: the server removes each record when its retention ends.
    public func prune() async throws(ResultError) -> Int { 0 }

    /// See ``ResultStore/onResult(of:_:)``.
    public func onResult(of ids: [TaskID], _ listener: @escaping @Sendable () -> Void) -> Subscription {
        awaited.listen(to: ids, listener)
    }
}
