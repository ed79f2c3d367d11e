/// How a worker is at one moment, and what follows from it for those who probe it.
///
/// A plain value: what counts as dead or not ready is tested without a worker.
public struct WorkerHealth: Hashable, Sendable {
    /// Whether it claims nothing any more.
    public var isDraining: Bool
    /// Whether it has ever completed an exchange with its broker.
    public var hasExchanged: Bool
    /// How long ago it last completed one, or started.
    public var sinceExchange: Duration
    /// How long ago it last renewed its lease, or started.
    public var sinceRenewal: Duration
    /// Why the last exchange failed; nil if it succeeded.
    public var trouble: StoreError?
    /// Why the result store could not be used; nil while it can.
    public var resultTrouble: StoreError?
    /// How many attempts may run at once.
    public var slots: Int
    /// How many run.
    public var busy: Int
    /// How long one task takes up its slot, as a moving average; nil before the first has ended.
    public var meanService: Duration?
    /// How many deliveries came to an end here, whatever it was.
    public var ended: Int
    /// How many attempts were given up because they ignored their end.
    public var abandoned: Int
    /// How long it may go without hearing from its broker before it counts as dead.
    public var patience: Duration

    /// Describes a worker.
    public init(
        isDraining: Bool, hasExchanged: Bool, sinceExchange: Duration, sinceRenewal: Duration, trouble: StoreError?,
        resultTrouble: StoreError? = nil, slots: Int, busy: Int, meanService: Duration? = nil, ended: Int = 0,
        abandoned: Int = 0, patience: Duration
    ) {
        self.isDraining = isDraining
        self.hasExchanged = hasExchanged
        self.sinceExchange = sinceExchange
        self.sinceRenewal = sinceRenewal
        self.trouble = trouble
        self.resultTrouble = resultTrouble
        self.slots = slots
        self.busy = busy
        self.meanService = meanService
        self.ended = ended
        self.abandoned = abandoned
        self.patience = patience
    }

    /// Why it only looks alive, as one sentence; nil while it is alive.
    ///
    /// An idle worker exchanges every second, so silence means that it does nothing. While attempts run, a renewed
    /// lease is enough: handlers that burn every core keep the exchange from its turn, and time limits end them.
    public var deathSentence: String? {
        let silence = busy > 0 ? min(sinceExchange, sinceRenewal) : sinceExchange
        guard silence > patience else { return nil }
        let cause = trouble.map { ": \($0)" } ?? ""
        return "the worker has not heard from its broker for \(silence.wholeSeconds) s\(cause)"
    }

    /// Why it takes no new work, as one sentence; nil while it does.
    public var unreadiness: String? {
        if isDraining { return "the worker is draining and claims nothing" }
        if let trouble { return "the last exchange with the broker failed: \(trouble)" }
        if let resultTrouble {
            return "the result store can't be used; outcomes are kept until it can: \(resultTrouble)"
        }
        if !hasExchanged { return "the worker has not reached its broker yet" }
        return deathSentence
    }
}

extension Duration {
    fileprivate var wholeSeconds: Int64 { components.seconds }
}
