/// What a fleet consists of and what should be done next.
///
/// A plain value: no clock, no process, tested by calling it. There are as many seats as workers are wanted; each is
/// filled, and filled again after a crash. A worker that should be replaced works until its successor is ready.
public struct FleetState: Sendable {
    enum Phase: Sendable {
        case running
        case draining
        case handingBack
        case over
    }

    private let policy: RestartPolicy
    private(set) var phase = Phase.running
    private var desired: Int
    private(set) var seats: [Seat] = []
    private(set) var leaving: [FleetMember] = []
    private var generation = 0
    private var rollReason = RestartReason.hangup
    private var lastID = 0
    private var restarts: [RestartReason: Int] = [:]

    /// A fleet that starts with its first step.
    /// - Parameter desired: How many workers it should have.
    public init(desired: Int, policy: RestartPolicy = RestartPolicy()) {
        self.desired = max(0, desired)
        self.policy = policy
    }

    /// Takes in what happened and says what is to be done.
    public mutating func step(_ event: FleetEvent, at now: ContinuousClock.Instant) -> [FleetAction] {
        switch event {
        case .reported(let id, let report): note(report, of: id)
        case .ended(let id, let end): remove(id, end, at: now)
        case .resized(let count): desired = max(0, count)
        case .roll(let reason):
            generation += 1
            rollReason = reason
        case .stop where phase == .running: phase = .draining
        case .stop where phase == .draining: phase = .handingBack
        case .stop, .tick: break
        }
        guard phase == .running else { return farewell() }
        return fitSeats() + fillSeats(at: now) + promote() + replaceOne(at: now)
    }

    /// When something is to be done even if nothing happens.
    public var nextDue: ContinuousClock.Instant? {
        guard phase == .running else { return nil }
        return seats.filter { $0.member == nil || $0.successor == nil && reason(toReplace: $0.member) != nil }
            .compactMap(\.notBefore).min()
    }

    /// How many workers there are, and in which state.
    public var census: FleetCensus {
        var census = FleetCensus()
        census.desired = desired
        let members = seats.flatMap { [$0.member, $0.successor].compactMap(\.self) }
        census.ready = members.count { $0.report.isReady }
        census.unready = members.count - census.ready
        census.draining = leaving.count
        census.backingOff = seats.count { $0.member == nil }
        census.restarts = restarts
        census.isStopping = phase != .running
        return census
    }

    private mutating func note(_ report: MemberReport, of id: FleetMember.ID) {
        func update(_ member: inout FleetMember?) {
            guard member?.id == id else { return }
            member?.report = report
            if report.isReady { member?.hasBeenReady = true }
        }
        for index in seats.indices {
            update(&seats[index].member)
            update(&seats[index].successor)
        }
    }

    private mutating func remove(_ id: FleetMember.ID, _ end: MemberEnd, at now: ContinuousClock.Instant) {
        leaving.removeAll { $0.id == id }
        for index in seats.indices {
            for gone in [seats[index].member, seats[index].successor].compactMap(\.self) where gone.id == id {
                seats[index].lost(gone, end, policy, at: now)
            }
        }
    }

    /// As many seats as workers are wanted; those who run the least leave first.
    private mutating func fitSeats() -> [FleetAction] {
        while seats.count < desired {
            let taken = Set(seats.map(\.number))
            let number = (1...seats.count + 1).first { !taken.contains($0) } ?? seats.count + 1
            seats.insert(Seat(number: number), at: seats.firstIndex { $0.number > number } ?? seats.endIndex)
        }
        var actions: [FleetAction] = []
        while seats.count > desired {
            // Of equals the last.
            let emptiest = seats.indices.reversed().min { seats[$0].load < seats[$1].load } ?? 0
            let seat = seats.remove(at: emptiest)
            for member in [seat.member, seat.successor].compactMap(\.self) { actions.append(release(member, .scaleIn)) }
        }
        return actions
    }

    private mutating func fillSeats(at now: ContinuousClock.Instant) -> [FleetAction] {
        var actions: [FleetAction] = []
        for index in seats.indices where seats[index].member == nil && seats[index].isOpen(at: now) {
            let (member, reason) = (newMember(seats[index].number, at: now), seats[index].vacancy)
            seats[index].member = member
            actions.append(start(member, reason))
        }
        return actions
    }

    /// Gives seats to successors that are ready.
    private mutating func promote() -> [FleetAction] {
        var actions: [FleetAction] = []
        for index in seats.indices {
            guard let successor = seats[index].successor, successor.report.isReady else { continue }
            if let old = seats[index].member {
                actions.append(release(old, .replaced(reason(toReplace: old) ?? rollReason)))
            }
            seats[index].member = successor
            seats[index].successor = nil
        }
        return actions
    }

    /// One at a time: the next only when the one before has gone, so that there is one process too many at most.
    private mutating func replaceOne(at now: ContinuousClock.Instant) -> [FleetAction] {
        let isBusy =
            seats.contains { $0.successor != nil }
            || leaving.contains { if case .replaced = $0.leaves { true } else { false } }
        guard !isBusy else { return [] }
        for index in seats.indices where seats[index].isOpen(at: now) {
            guard let reason = reason(toReplace: seats[index].member) else { continue }
            let successor = newMember(seats[index].number, at: now)
            seats[index].successor = successor
            return [start(successor, reason)]
        }
        return []
    }

    private func reason(toReplace member: FleetMember?) -> RestartReason? {
        guard let member else { return nil }
        return member.report.recycle ?? (member.generation < generation ? rollReason : nil)
    }

    private mutating func farewell() -> [FleetAction] {
        var actions: [FleetAction] = []
        for seat in seats {
            for member in [seat.member, seat.successor].compactMap(\.self) {
                actions.append(release(member, .shutdown))
            }
        }
        seats = []
        if phase == .handingBack {
            for index in leaving.indices where !leaving[index].handsBack {
                leaving[index].handsBack = true
                actions.append(.handBack(leaving[index]))
            }
        }
        guard leaving.isEmpty, phase != .over else { return actions }
        phase = .over
        return actions + [.finish]
    }

    private mutating func release(_ member: FleetMember, _ reason: DrainReason) -> FleetAction {
        var member = member
        member.leaves = reason
        leaving.append(member)
        return .drain(member, reason)
    }

    private mutating func newMember(_ number: Int, at now: ContinuousClock.Instant) -> FleetMember {
        lastID += 1
        return FleetMember(id: lastID, number: number, generation: generation, startedAt: now)
    }

    private mutating func start(_ member: FleetMember, _ reason: RestartReason?) -> FleetAction {
        if let reason { restarts[reason, default: 0] += 1 }
        return .start(member, reason)
    }
}
