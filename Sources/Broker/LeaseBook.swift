internal import TaskQueue

/// What the broker remembers of one lease between exchanges.
struct LeaseBook {
    /// Exchanges so far; each has a number by which the scripts mark what was claimed in it.
    private(set) var lastTrade: UInt32 = 0
    /// Queues that know the worker, unless it was taken for dead.
    private(set) var queues: Set<String> = []
    /// The tasks it knows, as scripts are told; empty before it claims.
    var knowledge: [UInt8] = []
    /// Exchanges whose answer never came; the server may have carried them out, or still may.
    private var unheard: [(trade: UInt32, until: ContinuousClock.Instant)] = []
    /// What was settled in them; found settled already, it was by this worker.
    private var doubtful: Set<TaskID> = []

    /// How long a command that was sent may lie in a network or a stopped server before it is carried out.
    private static let lateCommandMax = Duration.seconds(60)

    mutating func startTrade(at now: ContinuousClock.Instant) {
        unheard.removeAll { $0.until <= now }
        if unheard.isEmpty { doubtful = [] }
        lastTrade &+= 1
    }

    /// The numbers of unheard exchanges, four bytes each.
    var unheardTrades: [UInt8] {
        unheard.reduce(into: []) { $0.append(bigEndian: Int64($1.trade), 4) }
    }

    mutating func noteUnheard(_ trade: UInt32, _ settlements: [Settlement], at now: ContinuousClock.Instant) {
        unheard.append((trade, now + Self.lateCommandMax))
        doubtful.formUnion(settlements.map(\.id))
    }

    mutating func note(_ queues: some Sequence<String>) {
        self.queues.formUnion(queues)
    }

    /// Those that were lost to somebody else, as far as is known.
    func trulyLost(_ lost: [TaskID]) -> Set<TaskID> {
        Set(lost).subtracting(doubtful)
    }
}
