import Synchronization

/// A broker in this process's memory: the reference for what the others do, for tests and for work that may be lost
/// with the process.
///
/// All decisions are ``MemoryBooks``', a plain value; this class adds a lock, a clock and bells.
public final class MemoryBroker: TaskBroker {
    private let books: Mutex<MemoryBooks>
    private let clock: StoreClock
    private let workListeners = Listeners()
    private let changeListeners = Listeners()

    /// Makes an empty broker.
    public init(limits: BrokerLimits = BrokerLimits(), clock: StoreClock = .wall) {
        books = Mutex(MemoryBooks(limits: limits))
        self.clock = clock
    }

    /// False: results live in a store of their own.
    public var recordsOutcomes: Bool { false }

    /// See ``TaskBroker/enqueue(_:)``.
    public func enqueue(_ messages: [TaskMessage]) async throws(BrokerError) -> [EnqueueReceipt] {
        let now = clock.now
        let receipts = books.withLock { books in messages.map { books.enqueue($0, at: now) } }
        workListeners.notify()
        return receipts
    }

    /// See ``TaskBroker/exchange(_:claiming:as:)``.
    public func exchange(
        _ settlements: [Settlement], claiming claim: Claim?, as lease: WorkerLease
    ) async throws(BrokerError) -> Exchange {
        let now = clock.now
        var returnsWork = false
        let exchange = books.withLock { books in
            var exchange = Exchange(now: now)
            exchange.directives = books.renew(lease, at: now) + books.takeOrders(of: lease.worker)
            for settlement in settlements {
                if !books.settle(settlement, by: lease.worker, at: now) { exchange.lost.insert(settlement.id) }
                if case .finish = settlement.verdict { continue }
                returnsWork = true
            }
            if let claim {
                exchange.deliveries = books.claim(claim, by: lease.worker, at: now)
                exchange.nextDue = books.nextDue
            }
            return exchange
        }
        if returnsWork { workListeners.notify() }
        if !settlements.isEmpty || !exchange.deliveries.isEmpty { changeListeners.notify() }
        return exchange
    }

    /// See ``TaskBroker/renew(_:progress:report:)``.
    public func renew(
        _ lease: WorkerLease, progress: [TaskID: TaskProgress], report: WorkerReport?
    ) async throws(BrokerError) -> [Directive] {
        let now = clock.now
        let directives = books.withLock { books in
            let directives = books.renew(lease, at: now) + books.takeOrders(of: lease.worker)
            books.note(progress, by: lease.worker)
            if let report { books.note(report, by: lease.worker) }
            return directives
        }
        if !progress.isEmpty { changeListeners.notify() }
        return directives
    }

    /// See ``TaskBroker/send(_:to:)``.
    public func send(_ order: WorkerOrder, to workers: Set<String>) async throws(BrokerError) -> [String] {
        let known = books.withLock { $0.send(order, to: workers) }
        workListeners.notify()
        return known
    }

    /// See ``TaskBroker/release(_:)``.
    public func release(_ lease: WorkerLease) async throws(BrokerError) {
        let now = clock.now
        books.withLock { $0.release(lease.worker, at: now) }
        workListeners.notify()
        changeListeners.notify()
    }

    /// See ``TaskBroker/recover()``.
    public func recover() async throws(BrokerError) -> Recovery {
        let now = clock.now
        let recovery = books.withLock { $0.recover(at: now) }
        if !recovery.isEmpty {
            workListeners.notify()
            changeListeners.notify()
        }
        return recovery
    }

    /// See ``TaskBroker/fetch(_:)``.
    public func fetch(_ ids: [TaskID]) async throws(BrokerError) -> [TaskID: TaskRecord] {
        books.withLock { books in
            ids.reduce(into: [:]) { records, id in records[id] = books.record(of: id) }
        }
    }

    /// See ``TaskBroker/cancel(_:as:)``.
    public func cancel(_ ids: [TaskID], as lease: WorkerLease) async throws(BrokerError) -> [CancelReceipt] {
        let now = clock.now
        let receipts = books.withLock { books in
            _ = books.renew(lease, at: now)
            return ids.map { books.cancel($0, by: lease.worker, at: now) }
        }
        workListeners.notify()
        return receipts
    }

    /// See ``TaskBroker/queues()``.
    public func queues() async throws(BrokerError) -> [QueueStatus] {
        let now = clock.now
        return books.withLock { $0.queues(at: now) }
    }

    /// See ``TaskBroker/workers()``.
    public func workers() async throws(BrokerError) -> [WorkerStatus] {
        books.withLock { $0.workers() }
    }

    /// See ``TaskBroker/setPaused(_:queue:)``.
    public func setPaused(_ paused: Bool, queue: String) async throws(BrokerError) {
        books.withLock { $0.setPaused(paused, queue: queue) }
        workListeners.notify()
    }

    /// See ``TaskBroker/purge(_:)``.
    public func purge(_ queue: String) async throws(BrokerError) -> Int {
        books.withLock { $0.purge(queue) }
    }

    /// See ``TaskBroker/list(_:)``.
    public func list(_ filter: TaskFilter) async throws(BrokerError) -> [TaskRecord] {
        books.withLock { $0.list(filter) }
    }

    /// See ``TaskBroker/deadLetters(_:limit:)``.
    public func deadLetters(_ ids: [TaskID]?, limit: Int) async throws(BrokerError) -> [DeadLetter] {
        books.withLock { $0.deadLetters(ids, limit: limit) }
    }

    /// See ``TaskBroker/removeDeadLetters(_:)``.
    public func removeDeadLetters(_ ids: [TaskID]) async throws(BrokerError) {
        books.withLock { books in
            for id in ids { books.dead[id] = nil }
        }
    }

    /// See ``TaskBroker/onChange(of:_:)``.
    public func onChange(of ids: [TaskID], _ listener: @escaping @Sendable () -> Void) -> Subscription {
        changeListeners.add(listener)
    }

    /// See ``TaskBroker/onWork(_:)``.
    public func onWork(_ listener: @escaping @Sendable () -> Void) -> Subscription {
        workListeners.add(listener)
    }

    /// Reaches into the books; for tests that damage them on purpose.
    package func tamper(_ body: (inout MemoryBooks) -> Void) {
        books.withLock { body(&$0) }
    }

    /// See ``TaskBroker/adopt(_:)``.
    public func adopt(_ limits: BrokerLimits) -> Bool {
        books.withLock { $0.limits = limits }
        return true
    }
}
