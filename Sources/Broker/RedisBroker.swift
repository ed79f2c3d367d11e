public import Logging
public import Redis
internal import Synchronization
public import TaskQueue

/// A broker on Redis: the one a fleet runs on.
///
/// Every move is one script (`Scripts/`), so that nothing is ever half done, and one round trip for all queues
/// together; in a cluster one for each queue. Times are the server's. Needs Redis 7.0 or newer.
public final class RedisBroker: TaskBroker {
    /// Whether settlements also record outcomes, in the same atomic move.
    public let recordsOutcomes: Bool
    /// Two: while one is on its way or being read, the server works on the other.
    public let exchangesMax = 4
    /// The thread that the connections live on.
    public let executor: (any TaskExecutor)?
    let books: RedisBooks
    let directory: QueueDirectory
    private let ownLimits: Mutex<BrokerLimits>
    let wakeUps: WakeUps
    private let awaited: AwaitedResults
    let leases = Mutex<[String: LeaseBook]>([:])

    /// What it refuses, until it is told of others.
    var limits: BrokerLimits { ownLimits.withLock(\.self) }

    /// See ``TaskBroker/adopt(_:)``.
    public func adopt(_ limits: BrokerLimits) -> Bool {
        ownLimits.withLock { $0 = limits }
        return true
    }

    /// What keys begin with unless another prefix is given.
    public static let defaultPrefix = "tq"

    /// Makes a broker; connecting begins with the first call.
    /// - Parameters:
    ///   - client: The connections to use.
    ///   - recordsOutcomes: True if a ``RedisResultStore`` with the same client is the result store.
    ///   - prefix: What every key begins with.
    ///   - limits: What it refuses.
    ///   - clock: Nil for the server's own; tests give theirs.
    ///   - logger: Gets a line when the connection for wake-ups comes or goes.
    public init(
        _ client: RedisClient, recordsOutcomes: Bool, prefix: String = defaultPrefix,
        limits: BrokerLimits = BrokerLimits(), clock: StoreClock? = nil, logger: Logger
    ) {
        let books = RedisBooks(client: client, keys: RedisKeys(prefix: prefix), clock: clock)
        let directory = QueueDirectory(books)
        self.recordsOutcomes = recordsOutcomes
        executor = client.executor
        self.books = books
        self.directory = directory
        ownLimits = Mutex(limits)
        awaited = AwaitedResults(books, directory, logger)
        wakeUps = WakeUps(client.configuration, books.keys, logger) { directory.invalidate() }
    }

    /// See ``TaskBroker/enqueue(_:)``.
    public func enqueue(_ messages: [TaskMessage]) async throws(BrokerError) -> [EnqueueReceipt] {
        let limits = limits
        var receipts = messages.map { EnqueueReceipt.accepted($0.id) }
        var byQueue: [String: [Int]] = [:]
        for (index, message) in messages.enumerated() {
            if message.payload.count > limits.payloadBytesMax {
                receipts[index] = .refused(
                    .payloadTooLarge(bytes: message.payload.count, limit: limits.payloadBytesMax))
            } else {
                byQueue[message.queue, default: []].append(index)
            }
        }
        try await directory.register(byQueue.keys, to: "enqueue")
        for queues in books.groups(of: Array(byQueue.keys)) {
            try await enqueue(messages, queues.map { byQueue[$0] ?? [] }, queues, &receipts)
        }
        return receipts
    }

    private func enqueue(
        _ messages: [TaskMessage], _ indices: [[Int]], _ queues: [String], _ receipts: inout [EnqueueReceipt]
    ) async throws(BrokerError) {
        var order: [Int] = []
        var arguments: [RedisArgument] = [.integer(Int64(limits.queueLengthMax ?? 0))]
        for (number, indices) in indices.enumerated() {
            for index in indices {
                order.append(index)
                arguments.append(try RedisArgument(messages[index], inQueueNumbered: number + 1))
            }
        }
        let reply = try await books.run(BrokerScript.enqueue, "enqueue", on: queues, arguments)
        for exception in reply.array ?? [] {
            guard let parts = exception.array, parts.count >= 2, let number = parts[0].integer,
                order.indices.contains(Int(number) - 1)
            else { continue }
            let index = order[Int(number) - 1]
            if let other = parts.dropFirst(2).first?.bytes.flatMap({ TaskID(bytes: $0) }) {
                receipts[index] = .duplicate(of: other)
            } else {
                receipts[index] = .refused(
                    .queueFull(queue: messages[index].queue, limit: limits.queueLengthMax ?? 0))
            }
        }
    }

    /// See ``TaskBroker/renew(_:progress:report:)``.
    public func renew(
        _ lease: WorkerLease, progress: [TaskID: TaskProgress], report: WorkerReport?
    ) async throws(BrokerError) -> [Directive] {
        try await tell(report, of: lease)
        let queues = leases.withLock { $0[lease.worker]?.queues ?? [] }.sorted()
        let services = report?.newServiceSeconds ?? [:]
        var arguments: [RedisArgument] = [
            .string(lease.worker), .integer(lease.duration.wholeMilliseconds), .integer(Int64(services.count)),
        ]
        for (queue, seconds) in services {
            arguments += [.string(books.keys.books(of: queue)), .string("\(seconds)")]
        }
        for (id, progress) in progress {
            guard let json = try? PayloadCodec.encode(progress) else { continue }
            arguments += [.bytes(id.bytes), .bytes(json)]
        }
        var directives: [Directive] = []
        for (_, reply) in try await books.runEverywhere(BrokerScript.renew, "renew a lease", on: queues, arguments) {
            let parts = try reading("renew a lease", reply.requireArray)
            if parts.first?.integer == 1, !directives.contains(.leaseLost) { directives.append(.leaseLost) }
            directives += Self.cancellations(parts.dropFirst().first)
        }
        try await disownForgotten(lease, on: queues)
        return directives + leases.withLock { $0[lease.worker]?.takeOrders() ?? [] }
    }

    /// Hands back what the server has the worker hold although the worker settled it or never got it.
    private func disownForgotten(_ lease: WorkerLease, on queues: [String]) async throws(BrokerError) {
        let gaps = wakeUps.gaps
        guard let known = leases.withLock({ $0[lease.worker]?.comparison(gaps: gaps) }) else { return }
        do throws(StoreError) {
            _ = try await books.runEverywhere(
                BrokerScript.disown, "compare claims", on: queues,
                [.string(lease.worker), .integer(Int64(known.lastHeard))] + known.held.map { .bytes($0.bytes) })
        } catch {
            leases.withLock { $0[lease.worker]?.noteNotCompared() }
            throw error
        }
    }

    static func cancellations(_ reply: RedisValue?) -> [Directive] {
        let parts = reply?.array ?? []
        return stride(from: 0, to: parts.count - 1, by: 2).compactMap { index in
            guard let id = parts[index].bytes.flatMap({ TaskID(bytes: $0) }), let fence = parts[index + 1].integer
            else { return nil }
            return .cancel(id, fence: fence)
        }
    }

    /// See ``TaskBroker/release(_:)``.
    public func release(_ lease: WorkerLease) async throws(BrokerError) {
        let book = leases.withLock { $0[lease.worker] } ?? LeaseBook()
        _ = try await books.runEverywhere(
            BrokerScript.release, "release a lease", on: book.queues.sorted(),
            [.string(lease.worker), .string(wakeUps.channel), .bytes(book.knowledge)])
        leases.withLock { $0[lease.worker] = nil }
        try await forget([lease.worker])
    }

    /// See ``TaskBroker/recover()``.
    public func recover() async throws(BrokerError) -> Recovery {
        var recovery = Recovery()
        for queue in try await directory.names() {
            let reply = try await books.run(
                BrokerScript.recover, "recover", on: [queue],
                [.integer(Self.reconcileInterval.wholeMilliseconds)])
            let parts = try reading("recover", reply.requireArray)
            guard parts.count == 4 else { continue }
            recovery.reclaimed += Self.ids(parts[0])
            for worker in (parts[1].array ?? []).compactMap(\.string) where !recovery.deadWorkers.contains(worker) {
                recovery.deadWorkers.append(worker)
            }
            recovery.leftoversRemoved += Int(clamping: parts[2].integer ?? 0)
            recovery.orphansRequeued += Self.ids(parts[3])
        }
        try await forget(recovery.deadWorkers)
        return recovery
    }

    /// How often a queue's books are reconciled, by whichever worker gets to it.
    private static let reconcileInterval = Duration.seconds(1)

    static func ids(_ value: RedisValue) -> [TaskID] {
        (value.array ?? []).compactMap { $0.bytes.flatMap { TaskID(bytes: $0) } }
    }

    /// See ``TaskBroker/onChange(of:_:)``.
    public func onChange(of ids: [TaskID], _ listener: @escaping @Sendable () -> Void) -> Subscription {
        awaited.listen(to: ids, listener)
    }

    /// See ``TaskBroker/onWork(_:)``.
    public func onWork(_ listener: @escaping @Sendable () -> Void) -> Subscription {
        wakeUps.listen(listener)
    }
}
