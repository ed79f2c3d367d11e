/// Keeps messages until they are settled: what Redis, SQLite and memory each implement.
///
/// Every call takes a batch and is one atomic move: it happens whole or not at all. Lease and due times are the
/// store's own clock. The contract is the test suite `BrokerContract`, run over every driver.
public protocol TaskBroker: Sendable {
    /// Whether settling a task also records its outcome in the result store, in the same atomic move.
    ///
    /// If not, the worker records first and settles second.
    var recordsOutcomes: Bool { get }

    /// How many exchanges a worker may have under way at once, at least 1.
    ///
    /// More than one where the way to the store and back takes longer than what is done there. They are carried out in
    /// any order.
    var exchangesMax: Int { get }

    /// Where a worker best trades with the store; nil for a thread of the worker's own.
    var executor: (any TaskExecutor)? { get }

    /// Accepts messages. Once it returned, those accepted survive what the driver's durability promises.
    /// - Returns: One receipt a message, in order.
    func enqueue(_ messages: [TaskMessage]) async throws(BrokerError) -> [EnqueueReceipt]

    /// Settles k deliveries, claims m more and renews the worker's lease, in one round trip.
    ///
    /// The most urgent come first, and among equals the oldest. A task during which a worker has died twice is handed
    /// out only while the worker holds no other such task, so that the next death can be blamed.
    /// - Parameters:
    ///   - settlements: What became of deliveries this worker holds; those it lost are named in the answer.
    ///   - claim: What it can take on; nil to take nothing.
    ///   - lease: Who asks.
    func exchange(
        _ settlements: [Settlement], claiming claim: Claim?, as lease: WorkerLease
    ) async throws(BrokerError) -> Exchange

    /// Says that the worker lives, how far its tasks are and, unless that is nil, what it does.
    ///
    /// The service times reported last are kept with their queues when the worker is gone.
    func renew(
        _ lease: WorkerLease, progress: [TaskID: TaskProgress], report: WorkerReport?
    ) async throws(BrokerError) -> [Directive]

    /// Leaves an order for workers. Each gets it once, with its next exchange or renewal, or never if it leaves first.
    /// - Returns: Those of them that have a lease, sorted.
    func send(_ order: WorkerOrder, to workers: Set<String>) async throws(BrokerError) -> [String]

    /// Hands back whatever the worker still holds, attempts refunded, and forgets the worker.
    func release(_ lease: WorkerLease) async throws(BrokerError)

    /// Takes tasks from dead workers and reconciles the books in both directions.
    func recover() async throws(BrokerError) -> Recovery

    /// The live tasks among these ids; final ones are the result store's.
    func fetch(_ ids: [TaskID]) async throws(BrokerError) -> [TaskID: TaskRecord]

    /// Asks for tasks to be stopped. Waiting ones are claimed for the caller, who settles them.
    func cancel(_ ids: [TaskID], as lease: WorkerLease) async throws(BrokerError) -> [CancelReceipt]

    /// Every queue that was ever used, sorted by name.
    func queues() async throws(BrokerError) -> [QueueStatus]

    /// Every worker with a lease, sorted by id.
    func workers() async throws(BrokerError) -> [WorkerStatus]

    /// Makes claims pass a queue over, or no longer.
    func setPaused(_ paused: Bool, queue: String) async throws(BrokerError)

    /// Forgets every waiting task of a queue; those that run go on.
    /// - Returns: How many were removed.
    func purge(_ queue: String) async throws(BrokerError) -> Int

    /// Live tasks in one state, newest first.
    func list(_ filter: TaskFilter) async throws(BrokerError) -> [TaskRecord]

    /// Dead letters, newest first: those of the given ids, or any.
    func deadLetters(_ ids: [TaskID]?, limit: Int) async throws(BrokerError) -> [DeadLetter]

    /// Removes dead letters; ids without one are passed over.
    func removeDeadLetters(_ ids: [TaskID]) async throws(BrokerError)

    /// Calls the listener whenever there may be work or a directive. A call may be missed; a claim never is.
    func onWork(_ listener: @escaping @Sendable () -> Void) -> Subscription

    /// Calls the listener whenever one of these live tasks may have moved: claimed, further along, given back. A call
    /// may be missed; that a task is final is the result store's to tell.
    func onChange(of ids: [TaskID], _ listener: @escaping @Sendable () -> Void) -> Subscription

    /// Refuses by these limits from the next call on.
    /// - Returns: Whether they are in force; false if the driver keeps those it was made with.
    func adopt(_ limits: BrokerLimits) -> Bool
}

extension TaskBroker {
    /// Says that the worker lives, and how far its tasks are.
    public func renew(
        _ lease: WorkerLease, progress: [TaskID: TaskProgress]
    ) async throws(BrokerError) -> [Directive] {
        try await renew(lease, progress: progress, report: nil)
    }

    /// One at a time.
    public var exchangesMax: Int { 1 }

    /// A thread of the worker's own.
    public var executor: (any TaskExecutor)? { nil }

    /// Hears of work alone: a driver that can tell of more does.
    public func onChange(of ids: [TaskID], _ listener: @escaping @Sendable () -> Void) -> Subscription {
        onWork(listener)
    }

    /// Keeps the limits that the driver was made with.
    public func adopt(_ limits: BrokerLimits) -> Bool { false }
}
