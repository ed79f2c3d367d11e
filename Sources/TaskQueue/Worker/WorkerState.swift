import DequeModule

/// What a worker holds and what it should do next.
///
/// A plain value: no clock, no waiting, tested by calling it.
struct WorkerState {
    enum Phase: Equatable {
        case running
        /// Claims nothing; running attempts may end.
        case draining
        /// Running attempts have been told to stop.
        case stopping
    }

    enum Turn {
        /// Tell the broker these, and claim as many.
        case exchange([Settlement], claim: Int)
        case wait
        /// Nothing runs, nothing waits to be told.
        case finished
    }

    private(set) var slots: Int
    let claimMax: Int
    /// How many exchanges may be under way at once.
    let exchangesMax: Int
    let lookahead: Duration
    /// What a result store apart from the broker has to be told or asked first.
    var ledger: Ledger
    private(set) var phase = Phase.running
    private(set) var busy = 0
    /// Deliveries that came to an end.
    private(set) var ended = 0
    private(set) var backlog: Deque<Delivery> = []
    private(set) var unsettled: [Settlement] = []
    /// Exchanges whose answers are awaited, and how many deliveries were asked for in them.
    private(set) var exchanging = 0
    private(set) var claiming = 0
    /// Moving average of the time one task takes in a slot, in seconds, which are quicker to reckon with than a `Duration`;
    /// nil before the first has ended.
    private var meanSeconds: Double?
    /// Moving average of the time one task takes in a slot; nil before the first has ended.
    var meanService: Duration? { meanSeconds.map { .seconds($0) } }
    /// The last claim brought less than was asked for: asking again is pointless until something happens.
    private var isDry = false
    private var isKnocked = true
    /// Deliveries that may be what kills workers.
    ///
    /// A broker hands them out one at a time, so when one has ended there may
    /// be another although the last claim was not filled.
    private var suspects: Set<TaskID> = []

    /// So many deaths make a suspect, for every broker.
    private static let suspectDeaths = 2

    init(slots: Int, claimMax: Int, exchangesMax: Int = 1, lookahead: Duration, recordsFirst: Bool = false) {
        ledger = Ledger(isKept: recordsFirst, claimMax: max(1, claimMax))
        self.slots = max(1, slots)
        self.claimMax = max(1, claimMax)
        self.exchangesMax = max(1, exchangesMax)
        self.lookahead = lookahead
    }

    /// Settlements beyond which a finished attempt asks for an exchange although work is left.
    static let settleBatch = 128

    /// How many deliveries to claim now: free slots, and what will fit into slots within the look-ahead.
    var claimSize: Int {
        guard phase == .running, !isDry, unsettled.count < 2 * aheadMax else { return 0 }
        let ahead = slotsAhead
        let held = backlog.count + ledger.unverified.count + claiming
        let wanted = min(min(slots - busy + ahead, aheadMax) - held, ledger.room + slots - busy - held)
        // A good part of what fits, unless a slot would stand empty: small claims cost as much as large ones.
        let isWorthwhile = wanted * 2 * exchangesMax >= ahead || busy < slots && backlog.isEmpty && claiming == 0
        return isWorthwhile ? min(max(wanted, 0), claimMax) : 0
    }

    /// With several exchanges at once there is work left for the slots while the next comes in.
    private var aheadMax: Int { claimMax * exchangesMax }

    /// How many tasks will have found a slot within the look-ahead, at the measured pace.
    private var slotsAhead: Int {
        guard let meanSeconds else { return 0 }
        let perSlot = lookahead.inSeconds / max(meanSeconds, 1e-7)
        return Int(min(perSlot * Double(slots), Double(aheadMax)))
    }

    /// How many deliveries have not started.
    var waiting: Int { backlog.count + ledger.unverified.count }

    /// Whether the loop should be woken now rather than find out later.
    var wantsExchange: Bool {
        exchanging == 0 ? backlog.isEmpty || unsettled.count >= Self.settleBatch : mayExchangeBeside
    }

    /// Whether another exchange may go beside those under way: for much to tell, or before the slots run dry.
    ///
    /// Set off by what the slots have done, exchanges follow each other evenly, and the store works on one while the
    /// worker reads another. Sent as soon as answers came, they would bunch, and each side wait for the other.
    private var mayExchangeBeside: Bool {
        guard exchanging < exchangesMax else { return false }
        return unsettled.count >= max(Self.settleBatch, claimMax * 3 / 4) || backlog.count < slots && claimSize > 0
    }

    mutating func nextTurn() -> Turn {
        let claim = claimSize
        let mayExchange = exchanging == 0 ? claim > 0 || !unsettled.isEmpty || isKnocked : mayExchangeBeside
        guard mayExchange else { return isOver && exchanging == 0 ? .finished : .wait }
        // Beside another, one that claims nothing must not swallow what the other's answer should know of.
        if claim > 0 || exchanging == 0 { isKnocked = false }
        exchanging += 1
        claiming += claim
        return .exchange(takeUnsettled(), claim: claim)
    }

    /// What a store does at once keeps its other callers waiting, so no more than may be claimed.
    private mutating func takeUnsettled() -> [Settlement] {
        let most = max(Self.settleBatch, claimMax)
        guard unsettled.count > most else {
            defer { unsettled = [] }
            return unsettled
        }
        defer { unsettled.removeFirst(most) }
        return Array(unsettled.prefix(most))
    }

    private mutating func endExchange(asked claim: Int) {
        exchanging = max(0, exchanging - 1)
        claiming = max(0, claiming - claim)
    }

    /// Someone said there may be news, or enough time passed to ask anyway.
    mutating func knock() {
        isDry = false
        isKnocked = true
    }

    /// Takes in an exchange's answer.
    mutating func accept(_ deliveries: [Delivery], asked claim: Int) {
        endExchange(asked: claim)
        // A knock since the claim was sent may be about what came after it.
        if claim > 0 { isDry = deliveries.count < claim && !isKnocked }
        guard phase == .running else {
            unsettled += deliveries.map { Settlement($0, .handBack) }
            return
        }
        for delivery in deliveries where !ledger.mustVerify(delivery) { backlog.append(delivery) }
        for delivery in deliveries where delivery.deaths >= Self.suspectDeaths { suspects.insert(delivery.id) }
    }

    /// Puts back what could not be told, since the exchange failed.
    mutating func restore(_ settlements: [Settlement], asked claim: Int) {
        endExchange(asked: claim)
        unsettled = settlements + unsettled
        isKnocked = true
    }

    mutating func add(_ settlements: [Settlement]) {
        unsettled += settlements
    }

    /// The result store has kept these; now the broker may hear of them.
    mutating func recorded(_ settlements: [Settlement]) {
        ledger.recorded()
        unsettled += settlements
    }

    /// The result store knows the end of some of these deliveries; the others may run.
    mutating func verified(_ deliveries: [Delivery], final: [TaskID: TaskRecord]) {
        let known = ledger.verified(deliveries)
        let over = known.compactMap { delivery in final[delivery.id].map { Settlement(delivery, .finish($0)) } }
        unsettled += over
        let open = known.filter { final[$0.id] == nil }
        if phase == .running {
            backlog.append(contentsOf: open)
        } else {
            unsettled += open.map { Settlement($0, .handBack) }
        }
        if !suspects.isEmpty, over.contains(where: { suspects.remove($0.id) != nil }) { knock() }
    }

    /// The kind of work that can start now; nil if there is no slot or nothing to run.
    var nextTask: String? { phase == .running && busy < slots ? backlog.first?.task : nil }

    /// Takes a slot and the next delivery, with others of the same task if it runs in batches.
    /// - Parameter batchSize: How many at most.
    /// - Returns: Nothing if nothing can start.
    mutating func startNext(batchSize: Int) -> [Delivery] {
        guard phase == .running, busy < slots, let first = backlog.popFirst() else { return [] }
        busy += 1
        guard batchSize > 1 else { return [first] }
        var group = [first]
        var rest: Deque<Delivery> = []
        while group.count < batchSize, let next = backlog.popFirst() {
            // A limit of its own is one message's, not its neighbours'.
            let isAlike = next.task == first.task && next.message.timeLimit == first.message.timeLimit
            if isAlike { group.append(next) } else { rest.append(next) }
        }
        backlog.prepend(contentsOf: rest)
        return group
    }

    /// Changes how many attempts may run at once.
    ///
    /// Running ones go on; what was claimed for slots that are gone is handed back, the last claimed first.
    mutating func resize(slots count: Int) {
        slots = max(1, count)
        let excess = backlog.count - max(slots - busy, 0) - slotsAhead
        if excess > 0 {
            unsettled += Self.handingBack(backlog.suffix(excess))
            backlog.removeLast(excess)
        }
        knock()
    }

    /// Gives a slot back and keeps what the attempts came to.
    ///
    /// - Parameter seconds: How long the attempt ran; nil if it never began.
    mutating func finish(_ settlements: [Settlement], seconds: Double?) {
        busy -= 1
        ended += settlements.count
        unsettled += ledger.take(settlements)
        if !suspects.isEmpty, settlements.contains(where: { suspects.remove($0.id) != nil }) { knock() }
        guard let seconds else { return }
        let each = seconds / Double(max(settlements.count, 1))
        meanSeconds = meanSeconds.map { $0 * 0.9 + each * 0.1 } ?? each
    }

    /// No slot has become free for so long: what was claimed ahead, at the pace of other tasks, goes back to those who
    /// have room.
    /// - Returns: Whether there is anything to hand back.
    mutating func stall(for time: Duration) -> Bool {
        guard phase == .running, busy >= slots, !backlog.isEmpty, time > lookahead else { return false }
        meanSeconds = max(meanSeconds ?? 0, time.inSeconds)
        handBackBacklog()
        return true
    }

    /// Stops claiming and hands back what has not started.
    mutating func drain() {
        guard phase == .running else { return }
        phase = .draining
        handBackBacklog()
    }

    /// Whether nothing runs or waits any more, and nothing will.
    var isOver: Bool { phase != .running && busy == 0 && backlog.isEmpty && ledger.isEmpty }

    /// Whether all that is left is to tell what came of it.
    var isStopped: Bool { phase == .stopping && busy == 0 }

    mutating func stop() {
        drain()
        phase = .stopping
    }

    /// The newest first: each goes before those that came after it, in however many exchanges they are told.
    private static func handingBack(_ held: some BidirectionalCollection<Delivery>) -> [Settlement] {
        held.reversed().map { Settlement($0, .handBack) }
    }

    /// Gives up what has not started; should it no longer be ours, the fence will tell.
    mutating func handBackBacklog() {
        let held = backlog + ledger.takeUnverified()
        unsettled += Self.handingBack(held)
        suspects.subtract(held.map(\.id))
        backlog = []
    }
}
