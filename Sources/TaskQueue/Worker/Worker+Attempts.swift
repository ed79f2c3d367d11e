import Blocking
import Logging
import Synchronization

extension Worker {
    /// Fills free slots from the backlog.
    func startReady() {
        while let attempt = shared.withLock({ nextAttempt(&$0) }) { start(attempt) }
    }

    func start(_ attempt: Attempt) {
        switch attempt.task.policy.place {
        case .cooperative: attempt.control.attach(Task { await self.live(attempt) })
        case .threads: attempt.control.attach(Task(executorPreference: threads) { await self.live(attempt) })
        }
    }

    /// Takes a slot and what runs in it next; nil if there is no slot or nothing to run.
    private func nextAttempt(_ shared: inout Shared) -> Attempt? {
        while let name = shared.state.nextTask {
            if shared.recentTask?.name != name { shared.recentTask = registry[name] }
            let deliveries = shared.state.startNext(batchSize: shared.recentTask?.batchSizeMax ?? 1)
            guard let first = deliveries.first, let task = shared.recentTask else {
                let verdict = Verdict(policy: TaskPolicy(), worker: id, now: storeTime.withLock { $0.now })
                shared.state.finish(deliveries.map { Self.settleUnknown($0, verdict) }, seconds: nil)
                ring()
                ledgerBell.ring()
                continue
            }
            let soft = first.message.timeLimit ?? task.policy.softTimeLimit
            let control = AttemptControl(
                deliveries, softLimit: soft,
                hardLimit: soft + (task.policy.hardTimeLimit - task.policy.softTimeLimit)
            ) { self.tellSoon() }
            shared.running.insert(control)
            let expires = deliveries.contains { $0.message.expires != nil }
            return Attempt(
                task: task, control: control, startedAt: expires ? storeTime.withLock { $0.now } : nil,
                workplace: workplace)
        }
        return nil
    }

    /// What can't be read has lost its name and ends here; what was not asked for goes back to who knows it.
    private static func settleUnknown(_ delivery: Delivery, _ verdict: Verdict) -> Settlement {
        guard let damage = delivery.damage else { return Settlement(delivery, .handBack) }
        return verdict.settle(delivery, .quarantined(TaskFailure(.quarantined, damage.description)))
    }

    /// One slot's work: run, settle, take the next.
    ///
    /// The next attempt runs in the same task if it may, because starting one costs more than a small handler does.
    private func live(_ first: Attempt) async {
        var (attempt, reusable) = (first, Task<Void, Never>?.none)
        var inARow = 0
        while true {
            inARow += 1
            // Handlers that never suspend would otherwise keep the trade with the broker from its turn.
            if inARow.isMultiple(of: Self.attemptsBetweenYields) {
                // And a store in another process, perhaps on the same cores, which works while they do.
                if broker.exchangesMax > 1 { ProcessorTurn.pass() }
                await Task.yield()
            }
            let outcomes = await attempt.run(in: reusable)
            guard case .first(let startedAt, let task) = attempt.control.end() else { return retrieve(attempt.task) }
            guard let next = finish(attempt.control, attempt.task, outcomes, startedAt: startedAt) else { return }
            guard let task, next.task.policy.place == attempt.task.policy.place else { return start(next) }
            (attempt, reusable) = (next, task)
        }
    }

    private static let attemptsBetweenYields = 16

    /// Turns outcomes into settlements and gives the slot back; called once for every attempt that was started.
    /// - Returns: What the slot does next; nil if it stays free.
    func finish(
        _ control: AttemptControl, _ task: RegisteredTask, _ outcomes: [Outcome],
        startedAt: ContinuousClock.Instant?
    ) -> Attempt? {
        let now = ContinuousClock.now
        let seconds = startedAt.map { (now - $0).inSeconds }
        let verdict = Verdict(policy: task.policy, worker: id, now: storeTime.withLock { $0.at(now) })
        let settlements = zip(control.deliveries, outcomes).map { verdict.settle($0, $1) }
        let share = seconds.map { $0 / Double(max(control.deliveries.count, 1)) }
        if let seconds { telemetry.ran(task.name, for: seconds) }
        log(control.deliveries, outcomes)
        var mustRingLater = false
        let (line, hasLedger, isFirst, next) = shared.withLock { shared in
            shared.running.remove(control)
            shared.lastMove = now
            shared.state.finish(settlements, seconds: seconds)
            var isFirst = false
            if let share {
                for delivery in control.deliveries where shared.services.add(share, of: delivery.queue) {
                    isFirst = true
                }
            }
            let next = nextAttempt(&shared)
            let shouldRing = shared.state.wantsExchange || now - shared.lastExchange > Self.settleDelayMax
            if !shouldRing, !shared.isRingDue {
                shared.isRingDue = true
                mustRingLater = true
            }
            return (shouldRing ? idleLine(&shared) : nil, shared.state.ledger.wantsAttention, isFirst, next)
        }
        // A fleet that starts from nothing is sized by the first time that is known.
        if isFirst { tellSoon(reporting: true) }
        if hasLedger { ledgerBell.ring() }
        if let line { bells[line].ring() }
        if mustRingLater { ringLater() }
        return next
    }

    /// What else runs may run for hours.
    private func ringLater() {
        TimerThread.shared.after(Self.settleDelayMax) {
            self.shared.withLock { $0.isRingDue = false }
            self.ringOne()
        }
    }

    /// Outcomes wait no longer than this for company.
    private static let settleDelayMax = Duration.milliseconds(2)

    private func log(_ deliveries: [Delivery], _ outcomes: [Outcome]) {
        for (delivery, outcome) in zip(deliveries, outcomes) {
            let failure: TaskFailure
            let level: Logger.Level
            switch outcome {
            case .succeeded, .cancelled, .expired, .interrupted, .leaseLost: continue
            case .failed(let cause, .giveUp), .quarantined(let cause): (failure, level) = (cause, .error)
            case .failed(_, .snooze): continue
            case .failed(let cause, _), .timedOut(let cause): (failure, level) = (cause, .notice)
            }
            logger.log(
                level: level, "attempt did not succeed",
                metadata: [
                    LogKeys.taskID: "\(delivery.id)", LogKeys.task: "\(delivery.task)",
                    LogKeys.queue: "\(delivery.queue)", LogKeys.attempt: "\(delivery.attempt)",
                    LogKeys.reason: "\(failure.reason.rawValue)", LogKeys.error: "\(failure.message)",
                ])
        }
    }
}
