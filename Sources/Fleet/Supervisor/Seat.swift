/// One worker's place in a fleet: whoever sits there may be replaced, the place stays.
struct Seat: Hashable, Sendable {
    /// From 1.
    let number: Int
    /// Who works here.
    var member: FleetMember?
    /// Who will, once it is ready.
    var successor: FleetMember?
    /// Why there was someone before; nil for a new seat.
    private(set) var vacancy: RestartReason?
    /// Nobody is started here before.
    private(set) var notBefore: ContinuousClock.Instant?
    /// In a row.
    private(set) var crashes = 0

    init(number: Int) {
        self.number = number
    }

    /// Takes note that someone left unasked.
    mutating func lost(_ gone: FleetMember, _ end: MemberEnd, _ policy: RestartPolicy, at now: ContinuousClock.Instant)
    {
        if member?.id == gone.id {
            member = successor
            successor = nil
        } else {
            successor = nil
        }
        let isHealthy = now - gone.startedAt >= policy.healthyAfter
        guard !end.isGood || !gone.hasBeenReady else {
            vacancy = .exit
            return
        }
        vacancy = .crash
        crashes = isHealthy ? 1 : crashes + 1
        notBefore = now + policy.delay(after: crashes)
    }

    /// Whether someone may be started here.
    func isOpen(at now: ContinuousClock.Instant) -> Bool {
        notBefore.map { $0 <= now } ?? true
    }

    /// How much would be disturbed if the seat were given up: nobody, someone who is not ready, who runs little.
    var load: Int {
        guard let member else { return -2 }
        return member.report.isReady ? member.report.busy : -1
    }
}
