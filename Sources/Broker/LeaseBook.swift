internal import TaskQueue

/// What the broker remembers of one lease between exchanges.
struct LeaseBook {
    /// Exchanges so far; each has a number by which the scripts mark what was claimed in it.
    private var lastTrade: UInt32 = 0
    /// Queues that know the worker, unless it was taken for dead.
    private(set) var queues: Set<String> = []
    /// The tasks it knows, as scripts are told; empty before it claims.
    var knowledge: [UInt8] = []
    /// Exchanges whose answer never came; the server may have carried them out, or still may.
    private var unheard: [(trade: UInt32, until: ContinuousClock.Instant)] = []
    /// What was settled in them; found settled already, it was by this worker.
    private var doubtful: Set<TaskID> = []

    /// Exchanges that are under way.
    private var open: Set<UInt32> = []
    private var held = Holdings()
    private var renewals = 0
    private var gapsSeen = 0
    private var mustCompare = false
    /// Orders that were fetched and not yet passed on.
    private var orders: [WorkerOrder] = []
    private var ordersSeen = 0

    /// How long a command that was sent may lie in a network or a stopped server before it is carried out.
    private static let lateCommandMax = Duration.seconds(60)

    /// What one exchange needs to know; not the book itself, whose copy would be copied again with the next change.
    struct Trade {
        let number: UInt32
        let knowledge: [UInt8]
        let queues: Set<String>
        /// The numbers of unheard exchanges, four bytes each.
        let unheard: [UInt8]
        fileprivate let doubtful: Set<TaskID>

        /// Those that were lost to somebody else, as far as is known.
        func trulyLost(_ lost: [TaskID]) -> Set<TaskID> {
            Set(lost).subtracting(doubtful)
        }
    }

    mutating func startTrade(at now: ContinuousClock.Instant) -> Trade {
        unheard.removeAll { $0.until <= now }
        if unheard.isEmpty { doubtful = [] }
        lastTrade &+= 1
        open.insert(lastTrade)
        return Trade(
            number: lastTrade, knowledge: knowledge, queues: queues,
            unheard: unheard.reduce(into: []) { $0.append(bigEndian: Int64($1.trade), 4) }, doubtful: doubtful)
    }

    mutating func noteUnheard(_ trade: UInt32, _ settlements: [Settlement], at now: ContinuousClock.Instant) {
        open.remove(trade)
        unheard.append((trade, now + Self.lateCommandMax))
        doubtful.formUnion(settlements.map(\.id))
        mustCompare = true
    }

    mutating func noteHeard(_ trade: UInt32, settled: [Settlement], claimed: [Delivery]) {
        open.remove(trade)
        held.remove(settled)
        held.add(claimed, of: trade)
    }

    /// Notes a claim that was no exchange's.
    mutating func noteHeld(_ delivery: Delivery) {
        held.add(delivery)
    }

    /// What to compare the server's claims with, if it is time to.
    ///
    /// A server may forget what it has confirmed: a replica became the master, or the last second was not on disk.
    /// A task whose settlement it forgot would be held for ever by a worker that lives and knows nothing of it.
    /// - Parameter gaps: How often the connection for wake-ups was lost.
    /// - Returns: The last exchange before which none is under way, and what the worker holds; nil if there is time.
    mutating func comparison(gaps: Int) -> (lastHeard: UInt32, held: [TaskID])? {
        renewals += 1
        guard mustCompare || gaps != gapsSeen || renewals.isMultiple(of: Self.renewalsBetweenComparisons) else {
            return nil
        }
        (mustCompare, gapsSeen) = (false, gaps)
        return (open.min().map { $0 - 1 } ?? lastTrade, held.ids)
    }

    mutating func noteNotCompared() {
        mustCompare = true
    }

    /// About once a minute, should neither an error nor a gap have told of a fail-over.
    private static let renewalsBetweenComparisons = 20

    mutating func note(_ queues: some Sequence<String>) {
        self.queues.formUnion(queues)
    }

    /// Whether some worker was told something since this one last asked.
    mutating func shouldAsk(orders count: Int) -> Bool {
        defer { ordersSeen = count }
        return count != ordersSeen
    }

    mutating func note(_ more: [WorkerOrder]) {
        orders += more
    }

    /// The orders for the worker, each once.
    mutating func takeOrders() -> [Directive] {
        guard !orders.isEmpty else { return [] }
        defer { orders = [] }
        return orders.map(Directive.obey)
    }
}
