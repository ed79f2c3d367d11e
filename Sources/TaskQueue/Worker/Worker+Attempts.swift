import Blocking
import Logging
import Synchronization

extension Worker {
    var taskNames: Set<String> { Set(registry.names) }

    /// Fills free slots from the backlog.
    func startReady() {
        while true {
            let group = shared.withLock { shared in
                shared.state.startNext { registry[$0]?.batchSizeMax ?? 1 }
            }
            guard let group else { return }
            start(group)
        }
    }

    private func start(_ deliveries: [Delivery]) {
        guard let first = deliveries.first, let task = registry[first.task] else {
            // The broker gave what was not asked for; it goes back to where a worker that knows it can take it.
            shared.withLock { $0.state.finish(deliveries.map { Settlement($0, .handBack) }, took: .zero) }
            return
        }
        let control = AttemptControl(
            deliveries, startedAt: .now, softLimit: softLimit(first, task.policy),
            hardLimit: hardLimit(first, task.policy)
        ) { [weak self] in self?.sendProgressSoon() }
        shared.withLock { shared in
            for delivery in deliveries { shared.controls[delivery.id] = control }
        }
        let attempt = Attempt(task: task, control: control, worker: id, middleware: middleware, logger: logger)
        switch task.policy.place {
        case .cooperative: control.attach(Task { await self.live(attempt) })
        case .threads: control.attach(Task(executorPreference: threads) { await self.live(attempt) })
        }
    }

    /// One slot's work: run, settle, make room for the next.
    private func live(_ attempt: Attempt) async {
        let outcomes = await attempt.run()
        guard attempt.control.end() else {
            logger.warning("an abandoned attempt ended after all", metadata: [LogKeys.task: "\(attempt.task.name)"])
            shared.withLock { $0.abandoned -= 1 }
            return
        }
        finish(attempt.control, attempt.task, outcomes)
        startReady()
    }

    /// Turns outcomes into settlements and gives the slot back; called once for every attempt that was started.
    func finish(_ control: AttemptControl, _ task: RegisteredTask, _ outcomes: [Outcome]) {
        let took = ContinuousClock.now - control.startedAt
        let now = shared.withLock { $0.storeTime.now }
        let verdict = Verdict(policy: task.policy, worker: id, now: now)
        let settlements = zip(control.deliveries, outcomes).map { verdict.settle($0, $1) }
        telemetry.ran(task.name, for: took)
        log(control.deliveries, outcomes)
        let shouldRing = shared.withLock { shared in
            for delivery in control.deliveries { shared.controls[delivery.id] = nil }
            shared.state.finish(settlements, took: took)
            return shared.state.wantsExchange || .now - shared.lastExchange > Self.settleDelayMax
        }
        if shouldRing { bell.ring() }
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

    private func softLimit(_ delivery: Delivery, _ policy: TaskPolicy) -> Duration {
        guard case .success(let message) = delivery.content else { return policy.softTimeLimit }
        return message.timeLimit ?? policy.softTimeLimit
    }

    private func hardLimit(_ delivery: Delivery, _ policy: TaskPolicy) -> Duration {
        guard case .success(let message) = delivery.content, let limit = message.timeLimit else {
            return policy.hardTimeLimit
        }
        return limit + (policy.hardTimeLimit - policy.softTimeLimit)
    }
}
