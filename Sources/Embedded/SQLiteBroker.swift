import GRDB
import Synchronization
public import TaskQueue

/// A broker in an SQLite file: the default, for one machine and any number of processes on it.
public final class SQLiteBroker: TaskBroker {
    /// Whether settlements also record outcomes, in the same transaction.
    public let recordsOutcomes: Bool
    private let file: SQLiteFile
    private let limits: Mutex<BrokerLimits>
    private let lastReconciled = Mutex<Timestamp?>(nil)

    /// How often the sweep also compares the books in both directions, which reads all of them.
    private static let reconcileInterval = Duration.seconds(60)

    /// Makes a broker over a file.
    /// - Parameters:
    ///   - file: Where the books are.
    ///   - recordsOutcomes: True if the same file is the result store too.
    ///   - limits: What it refuses.
    public init(_ file: SQLiteFile, recordsOutcomes: Bool, limits: BrokerLimits = BrokerLimits()) {
        self.file = file
        self.recordsOutcomes = recordsOutcomes
        self.limits = Mutex(limits)
    }

    /// See ``TaskBroker/enqueue(_:)``.
    public func enqueue(_ messages: [TaskMessage]) async throws(BrokerError) -> [EnqueueReceipt] {
        let receipts = try await write("enqueue") { books in
            var accepted: [String: Int] = [:]
            let receipts = try messages.map { message in
                let receipt = try books.enqueue(message)
                if case .accepted = receipt { accepted[message.queue, default: 0] += 1 }
                return receipt
            }
            try books.count(accepted, as: "accepted")
            return receipts
        }
        file.work.touch()
        return receipts
    }

    /// See ``TaskBroker/exchange(_:claiming:as:)``.
    public func exchange(
        _ settlements: [Settlement], claiming claim: Claim?, as lease: WorkerLease
    ) async throws(BrokerError) -> Exchange {
        if settlements.isEmpty, let idle = try await idleExchange() { return idle }
        let (exchange, returnsWork) = try await write("exchange") { [recordsOutcomes] books in
            var exchange = Exchange(now: books.now)
            var returnsWork = false
            var finished: [String: Int] = [:]
            exchange.directives = try books.renew(lease) + books.takeOrders(of: lease.worker)
            for settlement in settlements {
                guard try books.settle(settlement, by: lease.worker) else {
                    exchange.lost.insert(settlement.id)
                    continue
                }
                if case .finish(let record) = settlement.verdict {
                    finished[settlement.queue, default: 0] += 1
                    if recordsOutcomes { _ = try SQLiteResults.record(record, books.db, at: books.now) }
                } else {
                    returnsWork = true
                }
            }
            try books.count(finished, as: "finished")
            if let claim {
                exchange.deliveries = try books.claim(claim, by: lease.worker)
                exchange.nextDue = try books.nextDue
            }
            return (exchange, returnsWork)
        }
        if returnsWork { file.work.touch() }
        if !settlements.isEmpty || !exchange.deliveries.isEmpty { file.done.touch() }
        return exchange
    }

    /// The answer when there is nothing to claim, found without the write lock.
    private func idleExchange() async throws(BrokerError) -> Exchange? {
        let (now, limits) = (file.clock.now, limits.withLock { $0 })
        return try await file.read("look for work") { db in
            guard try !SQLiteBooks.hasWork(db, at: now) else { return nil }
            var exchange = Exchange(now: now)
            exchange.nextDue = try SQLiteBooks(db: db, now: now, limits: limits).nextDue
            return exchange
        }
    }

    /// See ``TaskBroker/renew(_:progress:report:)``.
    public func renew(
        _ lease: WorkerLease, progress: [TaskID: TaskProgress], report: WorkerReport?
    ) async throws(BrokerError) -> [Directive] {
        let directives = try await write("renew a lease") { books in
            let directives = try books.renew(lease) + books.takeOrders(of: lease.worker)
            try books.note(progress, by: lease.worker)
            if let report { try books.note(report, by: lease.worker) }
            return directives
        }
        if !progress.isEmpty { file.done.touch() }
        return directives
    }

    /// See ``TaskBroker/send(_:to:)``.
    public func send(_ order: WorkerOrder, to workers: Set<String>) async throws(BrokerError) -> [String] {
        let known = try await write("send an order") { try $0.send(order, to: workers) }
        file.work.touch()
        return known
    }

    /// See ``TaskBroker/release(_:)``.
    public func release(_ lease: WorkerLease) async throws(BrokerError) {
        try await write("release a lease") { try $0.release(lease.worker) }
        file.work.touch()
        file.done.touch()
    }

    /// See ``TaskBroker/recover()``.
    public func recover() async throws(BrokerError) -> Recovery {
        let now = file.clock.now
        let reconciling = lastReconciled.withLock { last in
            // A clock that was set back must not put it off.
            if let last, last <= now, now - last < Self.reconcileInterval { return false }
            last = now
            return true
        }
        let isNeeded = try await file.read("look for lapsed leases") { db in
            try SQLiteBooks.needsRecovery(db, at: now, reconciling: reconciling)
        }
        guard isNeeded else { return Recovery() }
        let recovery = try await write("recover") { try $0.recover(reconciling: reconciling) }
        if !recovery.isEmpty {
            file.work.touch()
            file.done.touch()
        }
        return recovery
    }

    /// See ``TaskBroker/fetch(_:)``.
    public func fetch(_ ids: [TaskID]) async throws(BrokerError) -> [TaskID: TaskRecord] {
        try await file.read("read tasks") { try SQLiteBooks.fetch(ids, $0) }
    }

    /// See ``TaskBroker/cancel(_:as:)``.
    public func cancel(_ ids: [TaskID], as lease: WorkerLease) async throws(BrokerError) -> [CancelReceipt] {
        let receipts = try await write("cancel") { books in
            _ = try books.renew(lease)
            return try ids.map { try books.cancel($0, by: lease.worker) }
        }
        file.work.touch()
        return receipts
    }

    /// See ``TaskBroker/queues()``.
    public func queues() async throws(BrokerError) -> [QueueStatus] {
        let now = file.clock.now
        return try await file.read("read queues") { try SQLiteBooks.queues($0, at: now) }
    }

    /// See ``TaskBroker/workers()``.
    public func workers() async throws(BrokerError) -> [WorkerStatus] {
        try await file.read("read workers") { try SQLiteBooks.workers($0) }
    }

    /// See ``TaskBroker/setPaused(_:queue:)``.
    public func setPaused(_ paused: Bool, queue: String) async throws(BrokerError) {
        try await write("pause a queue") { try $0.setPaused(paused, queue: queue) }
        file.work.touch()
    }

    /// See ``TaskBroker/purge(_:)``.
    public func purge(_ queue: String) async throws(BrokerError) -> Int {
        try await write("purge a queue") { try $0.purge(queue) }
    }

    /// See ``TaskBroker/list(_:)``.
    public func list(_ filter: TaskFilter) async throws(BrokerError) -> [TaskRecord] {
        try await file.read("list tasks") { try SQLiteBooks.list(filter, $0) }
    }

    /// See ``TaskBroker/deadLetters(_:limit:)``.
    public func deadLetters(_ ids: [TaskID]?, limit: Int) async throws(BrokerError) -> [DeadLetter] {
        try await file.read("read dead letters") { try SQLiteBooks.deadLetters(ids, limit: limit, $0) }
    }

    /// See ``TaskBroker/removeDeadLetters(_:)``.
    public func removeDeadLetters(_ ids: [TaskID]) async throws(BrokerError) {
        try await write("remove dead letters") { books in
            for id in ids { try books.db.run("DELETE FROM dead WHERE id = ?", [id.blob]) }
        }
    }

    /// See ``TaskBroker/onWork(_:)``.
    public func onWork(_ listener: @escaping @Sendable () -> Void) -> Subscription {
        file.work.listen(listener)
    }

    /// See ``TaskBroker/onChange(of:_:)``.
    ///
    /// Called for any task: the file does not say whose.
    public func onChange(of ids: [TaskID], _ listener: @escaping @Sendable () -> Void) -> Subscription {
        file.done.listen(listener)
    }

    /// Runs SQL on the file; for tests that damage the books on purpose.
    package func tamper(_ sql: String) async throws(BrokerError) {
        try await write("tamper") { try $0.db.execute(sql: sql) }
    }

    private func write<Value: Sendable>(
        _ what: String, _ body: @escaping @Sendable (SQLiteBooks) throws -> Value
    ) async throws(BrokerError) -> Value {
        let (clock, limits) = (file.clock, limits.withLock { $0 })
        return try await file.write(what) { db in
            // The time is read under the write lock, so that it never runs backwards between transactions.
            try body(SQLiteBooks(db: db, now: clock.now, limits: limits))
        }
    }

    /// See ``TaskBroker/adopt(_:)``.
    public func adopt(_ limits: BrokerLimits) -> Bool {
        self.limits.withLock { $0 = limits }
        return true
    }
}
