import DequeModule

/// What a worker must tell a result store, or ask it, before anything else may happen to it.
///
/// Only where broker and results are two places: an outcome is recorded first and told to the broker second, and a task
/// that was delivered before is looked up before it runs again. A plain value like ``WorkerState``, whose part it is.
struct Ledger {
    enum Turn {
        /// Record these.
        case record([Settlement])
        /// Look these up.
        case verify([Delivery])
        case wait
    }

    private let isKept: Bool
    private let untoldMax: Int
    private(set) var unrecorded: [Settlement] = []
    private(set) var unverified: Deque<Delivery> = []
    /// The last turn was one of recording.
    private var hasRecorded = false
    /// How many outcomes are being recorded at this moment.
    private var underWay = 0
    /// The size of the results that are not recorded yet, and of those among them that are under way.
    private var bytes = 0
    private var bytesUnderWay = 0
    /// How many go into one call: halved when a call fails, so that a slow store gets through at all.
    private var batchMax = Self.batchLimit

    private static let batchLimit = 4096
    private static let batchMin = 16
    private static let endless = 1 << 32
    /// Results kept for a store that can't take them, in bytes.
    private static let bytesMax = 64 << 20

    init(isKept: Bool, claimMax: Int) {
        self.isKept = isKept
        untoldMax = 8 * claimMax
    }

    /// How many more outcomes may wait for the store; below zero if there are too many.
    var room: Int {
        guard isKept else { return Self.endless }
        return bytes < Self.bytesMax ? untoldMax - unrecorded.count - underWay : -Self.endless
    }

    /// Whether nothing waits for the store.
    var isEmpty: Bool { unrecorded.isEmpty && unverified.isEmpty && underWay == 0 }

    /// Whether there is something to do that is not being done.
    var wantsAttention: Bool { underWay == 0 && !unrecorded.isEmpty }

    /// Keeps the outcomes that need a record.
    /// - Returns: The others.
    mutating func take(_ settlements: [Settlement]) -> [Settlement] {
        guard isKept else { return settlements }
        var others: [Settlement] = []
        for settlement in settlements {
            if case .finish = settlement.verdict {
                unrecorded.append(settlement)
                bytes += Self.size(settlement)
            } else {
                others.append(settlement)
            }
        }
        return others
    }

    /// Whether a delivery has to be looked up before it runs; if so, it is kept for that.
    mutating func mustVerify(_ delivery: Delivery) -> Bool {
        // One that is delivered again may have been recorded by a worker that died before it could settle.
        guard isKept, delivery.fence > 1 else { return false }
        unverified.append(delivery)
        return true
    }

    mutating func nextTurn() -> Turn {
        // In turns, or under load what is delivered again would wait until there is nothing to record.
        hasRecorded = !unrecorded.isEmpty && (unverified.isEmpty || !hasRecorded)
        if hasRecorded {
            let batch = Array(unrecorded.prefix(batchMax))
            unrecorded.removeFirst(batch.count)
            underWay = batch.count
            bytesUnderWay = batch.reduce(0) { $0 + Self.size($1) }
            return .record(batch)
        }
        return unverified.isEmpty ? .wait : .verify(Array(unverified.prefix(batchMax)))
    }

    /// The records under way are kept.
    mutating func recorded() {
        underWay = 0
        batchMax = min(batchMax * 2, Self.batchLimit)
        bytes -= bytesUnderWay
        bytesUnderWay = 0
    }

    /// The records under way could not be kept; they come first the next time.
    mutating func restore(_ settlements: [Settlement]) {
        underWay = 0
        bytesUnderWay = 0
        batchMax = max(batchMax / 2, Self.batchMin)
        unrecorded = settlements + unrecorded
    }

    private static func size(_ settlement: Settlement) -> Int {
        guard case .finish(let record) = settlement.verdict else { return 0 }
        return record.result?.count ?? 0
    }

    /// Those of the deliveries that are still to be run or settled here.
    mutating func verified(_ deliveries: [Delivery]) -> [Delivery] {
        // A lost lease or a drain may have taken some away meanwhile.
        let asked = Set(deliveries)
        let known = unverified.filter(asked.contains)
        unverified.removeAll(where: asked.contains)
        return Array(known)
    }

    mutating func takeUnverified() -> Deque<Delivery> {
        defer { unverified = [] }
        return unverified
    }

    /// Gives up what the store did not take; its tasks run again.
    mutating func abandon() -> Int {
        defer { unrecorded = [] }
        return unrecorded.count
    }
}
