internal import Redis
internal import Synchronization
public import TaskQueue

extension RedisBroker {
    /// See ``TaskBroker/exchange(_:claiming:as:)``.
    public func exchange(
        _ settlements: [Settlement], claiming claim: Claim?, as lease: WorkerLease
    ) async throws(BrokerError) -> Exchange {
        guard lease.worker.utf8.count <= Self.workerBytesMax else {
            throw StoreError(
                .invalidRequest, "a worker's id may have \(Self.workerBytesMax) bytes; give a shorter name")
        }
        try await fetchNewOrders(for: lease)
        let claimable = try await queues(of: claim)
        // Also where nothing is settled or claimed now: the lease is renewed and cancellations are heard everywhere.
        let known = leases.withLock { $0[lease.worker]?.queues ?? [] }
        var involved = claimable.union(known)
        // Most follow one of the same queue.
        var last: String?
        for settlement in settlements where settlement.queue != last {
            last = settlement.queue
            involved.insert(settlement.queue)
        }
        let queues = involved.sorted()
        guard !queues.isEmpty else { return Exchange(now: try await now()) }
        let trade = leases.withLock { leases in
            if let claim { leases[lease.worker, default: LeaseBook()].knowledge = Self.knowledge(claim) }
            return leases[lease.worker, default: LeaseBook()].startTrade(at: .now)
        }
        do throws(StoreError) {
            var whole = try await exchange(settlements, claim, lease, trade, on: queues, claimable: claimable)
            whole.directives += leases.withLock { leases in
                leases[lease.worker]?.noteHeard(trade.number, settled: settlements, claimed: whole.deliveries)
                return leases[lease.worker]?.takeOrders() ?? []
            }
            return whole
        } catch {
            // All of it: in a cluster, what other queues have answered before is not heard either.
            leases.withLock { $0[lease.worker]?.noteUnheard(trade.number, settlements, at: .now) }
            throw error
        }
    }

    /// A worker's id travels behind its length in one byte.
    private static let workerBytesMax = 200

    private func exchange(
        _ settlements: [Settlement], _ claim: Claim?, _ lease: WorkerLease, _ trade: LeaseBook.Trade,
        on queues: [String],
        claimable: Set<String>
    ) async throws(BrokerError) -> Exchange {
        var whole: Exchange?
        // In a cluster each queue in its turn, every time from another one, so that none is served last for ever.
        let groups = books.groups(of: queues).shuffled()
        for group in groups {
            var claim = claim
            claim?.count -= whole?.deliveries.count ?? 0
            let own = groups.count == 1 ? settlements : settlements.filter { group.contains($0.queue) }
            let part = try await exchangeAtOnce(
                own, claim, lease, trade, after: whole?.deliveries.count ?? 0, on: group, claimable: claimable)
            if whole == nil { whole = part } else { whole?.join(part) }
        }
        if let whole { return whole }
        return Exchange(now: try await now())
    }

    /// The exchange with queues that stand on one server.
    /// - Parameter claimed: How much the same exchange has claimed from others.
    private func exchangeAtOnce(
        _ settlements: [Settlement], _ claim: Claim?, _ lease: WorkerLease, _ trade: LeaseBook.Trade,
        after claimed: Int, on queues: [String], claimable: Set<String>
    ) async throws(BrokerError) -> Exchange {
        let packed = try PackedSettlements(settlements, of: queues, recording: recordsOutcomes)
        let flags = queues.map { (trade.queues.contains($0) ? 1 : 0) + (claimable.contains($0) ? 2 : 0) }
        var arguments: [RedisArgument] = [
            .string(lease.worker), .integer(lease.duration.wholeMilliseconds), .string(flags.map(String.init).joined()),
            .integer(Int64(claim?.count ?? 0)),
            .bytes(claim == nil ? [] : trade.knowledge), .string(wakeUps.channel),
            .integer(Int64(limits.deadLettersMax)), .integer(Int64(trade.number)), .bytes(trade.unheard),
            .bytes(packed.runs),
        ]
        arguments += packed.others
        let reply = try await books.run(BrokerScript.exchange, "exchange", on: queues, arguments)
        leases.withLock { $0[lease.worker]?.note(queues) }
        return try reading("exchange") { () throws(RedisError) in
            try Exchange(reply, of: queues, in: trade, after: claimed)
        }
    }

    /// The tasks a worker knows, each between zero bytes, so that a script finds a name by searching for it whole.
    ///
    /// The first is the empty name of tasks that can't be read.
    private static func knowledge(_ claim: Claim) -> [UInt8] {
        claim.tasks.sorted().reduce(into: [0, 0]) { bytes, task in
            bytes.append(contentsOf: task.utf8)
            bytes.append(0)
        }
    }

    private func queues(of claim: Claim?) async throws(BrokerError) -> Set<String> {
        guard let claim else { return [] }
        if let queues = claim.queues { return queues }
        return Set(try await directory.names())
    }

    private func now() async throws(BrokerError) -> Timestamp {
        let reply = try await books.run(BrokerScript.queues, "read the time", on: [])
        return Timestamp(rawValue: reply.array?.first?.integer ?? 0)
    }
}

extension Exchange {
    /// Adds what another queue answered.
    fileprivate mutating func join(_ other: Exchange) {
        deliveries += other.deliveries
        lost.formUnion(other.lost)
        directives += other.directives.filter { !directives.contains($0) }
        nextDue = [nextDue, other.nextDue].compactMap(\.self).min()
        now = other.now
    }

    /// Reads the answer of `exchange.lua`.
    fileprivate init(
        _ reply: RedisValue, of queues: [String], in trade: LeaseBook.Trade, after claimed: Int
    ) throws(RedisError) {
        let parts = try reply.requireArray()
        guard parts.count >= 5 else { throw RedisError(.unexpectedReply, "the exchange's answer is too short") }
        self.init(now: Timestamp(rawValue: try parts[0].requireInteger()))
        if let due = parts[1].integer, due >= 0 { nextDue = Timestamp(rawValue: due) }
        if parts[2].integer == 1 { directives.append(.leaseLost) }
        lost = trade.trulyLost(RedisBroker.ids(parts[3]))
        directives += RedisBroker.cancellations(parts[4])
        var ranked: [(rank: UInt8, delivery: Delivery)] = []
        for group in parts.dropFirst(5) {
            guard let fields = group.array, fields.count == 4, let number = fields[0].integer,
                queues.indices.contains(Int(number) - 1), let ids = fields[1].bytes, let values = fields[2].array,
                ids.count == values.count * 16, let states = fields[3].array.map(StateValue.byPlace)
            else { throw RedisError(.unexpectedReply, "the exchange's answer holds a group that makes no sense") }
            let queue = queues[Int(number) - 1]
            ranked.reserveCapacity(ranked.count + values.count)
            for (place, value) in values.enumerated() {
                let state = states.isEmpty ? StateValue() : states[place] ?? StateValue()
                guard let id = TaskID(bytes: ids[place * 16..<place * 16 + 16]),
                    let delivery = Delivery.make(
                        id, value, state, in: queue, at: now,
                        ticket: Holdings.ticket(trade: trade.number, place: claimed + ranked.count))
                else { continue }
                ranked.append(delivery)
            }
        }
        // Lanes are read one after the other; a single one is in order already.
        func precedes(_ left: (rank: UInt8, delivery: Delivery), _ right: (rank: UInt8, delivery: Delivery)) -> Bool {
            (left.rank, left.delivery.id) < (right.rank, right.delivery.id)
        }
        let isSorted = zip(ranked, ranked.dropFirst()).allSatisfy { !precedes($1, $0) }
        if !isSorted { ranked.sort(by: precedes) }
        deliveries = ranked.map(\.delivery)
    }
}
