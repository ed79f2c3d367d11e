import Blocking
import Logging
import Synchronization

extension Worker {
    /// Starts what must go on whatever the tasks do: renewing the lease, sweeping, enforcing limits.
    func startTimers() -> [TimerThread.Token] {
        let renewal = TimerThread.shared.every(configuration.leaseDuration / 3) {
            self.onLeaseThread { await self.renewAndSweep() }
        }
        let limits = TimerThread.shared.every(Self.limitInterval) { self.enforceLimits() }
        let pruning = TimerThread.shared.every(.seconds(60)) {
            self.onLeaseThread { await self.prune() }
        }
        return [renewal, limits, pruning]
    }

    /// How exactly time limits are kept.
    private static let limitInterval = Duration.milliseconds(100)
    /// Progress is told at most this often.
    private static let progressInterval = Duration.milliseconds(100)

    /// Tasks on this executor run on a thread of their own, which no handler can keep busy.
    private func onLeaseThread(_ body: @escaping @Sendable () async -> Void) {
        Task(executorPreference: leaseThread) { await body() }
    }

    /// Makes the worker known before it claims, so that from then on "unknown" means "taken for dead".
    func register() async {
        do throws(BrokerError) {
            _ = try await broker.renew(lease, progress: [:], report: report())
        } catch {
            logger.error("could not register; the first exchange will", metadata: [LogKeys.error: "\(error)"])
        }
    }

    private func renewAndSweep() async {
        await renew(report())
        do throws(BrokerError) {
            let recovery = try await broker.recover()
            guard !recovery.isEmpty else { return }
            logger.notice(
                "recovered tasks of workers that fell silent",
                metadata: [
                    LogKeys.count: "\(recovery.reclaimed.count)", "workers": "\(recovery.deadWorkers)",
                    "orphans": "\(recovery.orphansRequeued.count)", "leftovers": "\(recovery.leftoversRemoved)",
                ])
        } catch {
            logger.error("sweep failed", metadata: [LogKeys.error: "\(error)"])
        }
    }

    private func renew(_ report: WorkerReport? = nil) async {
        let progress: [TaskID: TaskProgress]? = shared.withLock { shared in
            if shared.hasLeft { return nil }
            shared.renewals += 1
            return shared.running.all.reduce(into: [TaskID: TaskProgress]()) { all, control in
                all.merge(control.takeProgress()) { first, _ in first }
            }
        }
        guard let progress else { return }
        defer {
            shared.withLock { $0.renewals -= 1 }
            leaveBell.ring()
        }
        do throws(BrokerError) {
            let directives = try await broker.renew(lease, progress: progress, report: report)
            shared.withLock { $0.lastRenewal = .now }
            follow(directives)
        } catch {
            logger.error("could not renew the lease; trying again", metadata: [LogKeys.error: "\(error)"])
        }
    }

    /// Lets progress gather for a moment, then tells all of it at once; with a report if anyone asked for one.
    func tellSoon(reporting: Bool = false) {
        let isFirst = shared.withLock { shared in
            defer { shared.isRenewing = true }
            if reporting { shared.mustReport = true }
            return !shared.isRenewing
        }
        guard isFirst else { return }
        TimerThread.shared.after(Self.progressInterval) {
            self.onLeaseThread {
                let mustReport = self.shared.withLock { shared in
                    defer { (shared.isRenewing, shared.mustReport) = (false, false) }
                    return shared.mustReport
                }
                await self.renew(mustReport ? self.report() : nil)
            }
        }
    }

    private func prune() async {
        do throws(StoreError) {
            _ = try await results.prune()
        } catch {
            logger.error("could not remove expired results", metadata: [LogKeys.error: "\(error)"])
        }
    }

    /// Does what the broker asks.
    func follow(_ directives: [Directive]) {
        for directive in directives {
            switch directive {
            case .cancel(let id, let fence):
                let control = shared.withLock { $0.running.find(id, fence: fence) }
                // A batch is one run; one cancelled member does not stop the others.
                if let control, control.deliveries.count == 1 { stop(control, .cancelled) }
            case .leaseLost:
                let controls = shared.withLock { shared in
                    shared.state.handBackBacklog()
                    return shared.running.all
                }
                // The broker says so to a worker it does not know, and a new one holds nothing.
                guard !controls.isEmpty else { continue }
                logger.error("the lease had lapsed; stopping what it covered")
                for control in controls { stop(control, .leaseLost) }
            case .obey(let order): obey(order)
            }
        }
    }

    /// Cancels attempts past their soft limit and gives up on those past their hard one.
    private func enforceLimits() {
        let now = ContinuousClock.now
        let (overdue, hasStalled) = shared.withLock { shared in
            let still = now - shared.lastMove
            let hasStalled = still >= Self.stallMin && shared.state.stall(for: still)
            return (shared.running.all.filter { $0.softDeadline.map { $0 <= now } ?? false }, hasStalled)
        }
        if hasStalled { ringOne() }
        for control in overdue {
            control.stop(.timedOut)
            if let last = control.hardDeadline, last <= now { abandon(control) }
        }
    }

    /// So long nothing must have ended or come before what waits for a slot here is given back.
    private static let stallMin = Duration.seconds(1)

    /// Stops an attempt, and gives it up should it go on regardless.
    private func stop(_ control: AttemptControl, _ cause: StopCause) {
        control.stop(cause)
        TimerThread.shared.after(configuration.stopTimeout) { self.abandon(control) }
    }
}
