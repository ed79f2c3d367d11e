import Blocking
import Logging
import Synchronization

extension Worker {
    /// One line of the worker's trade with the broker: outcomes for work, one round trip after another.
    ///
    /// A broker that gains by it has several lines side by side; the first of them keeps the time.
    func trade(_ line: Int) async {
        var failures = 0
        while true {
            switch shared.withLock({ nextTurn(of: line, &$0) }) {
            case .exchange(let settlements, let claim):
                do throws(StoreError) {
                    try await exchange(settlements, claim, line)
                    failures = 0
                } catch {
                    failures += 1
                    shared.withLock { shared in
                        shared.state.restore(settlements, asked: claim)
                        shared.trouble = error
                    }
                    // The others may be asleep until they hear of it.
                    guard await shouldGoOn(after: error, failures: failures, line) else { return ring() }
                }
            case .wait:
                await waitForNews(line)
            case .finished:
                // The others may be waiting for the exchange that has just ended here.
                ring()
                return
            }
        }
    }

    private func nextTurn(of line: Int, _ shared: inout Shared) -> WorkerState.Turn {
        let turn = shared.state.nextTurn()
        shared.idleLines.removeAll { $0 == line }
        if case .wait = turn { shared.idleLines.append(line) }
        return turn
    }

    /// Tells all lines of the trade that something is different now.
    func ring() {
        for bell in bells { bell.ring() }
    }

    /// Has one line of the trade see what there is to tell or to claim; the others would only wake in vain.
    func ringOne() {
        if let line = shared.withLock({ idleLine(&$0) }) { bells[line].ring() }
    }

    /// The line to wake for an exchange; nil if all are busy, who will look by themselves.
    ///
    /// The first only if no other is idle: it keeps the time.
    func idleLine(_ shared: inout Shared) -> Int? {
        guard let place = shared.idleLines.indices.max(by: { shared.idleLines[$0] < shared.idleLines[$1] }) else {
            return nil
        }
        return shared.idleLines.remove(at: place)
    }

    /// Tells outcomes whose records are kept: a crash between the two repeats the task and never loses it.
    private func exchange(_ settlements: [Settlement], _ claim: Int, _ line: Int) async throws(StoreError) {
        let request = Claim(count: claim, tasks: taskNames, queues: configuration.queues)
        let exchange = try await broker.exchange(settlements, claiming: claim > 0 ? request : nil, as: lease)
        report(exchange, settled: settlements)
        // Before the new deliveries: what was lost is what was held until now.
        follow(exchange.directives)
        storeTime.withLock { $0.set(exchange.now) }
        let isNews = shared.withLock { shared in
            let known = shared.due
            shared.lastExchange = .now
            shared.hasExchanged = true
            shared.trouble = nil
            shared.due.accept(exchange.nextDue, at: exchange.now, hasClaimed: claim > 0)
            if !exchange.deliveries.isEmpty { shared.lastMove = .now }
            shared.state.accept(exchange.deliveries, asked: claim)
            return shared.due != known
        }
        startReady()
        // The first line keeps the time, and may be asleep until another.
        if isNews, line > 0 { bells[0].ring() }
        ledgerBell.ring()
    }

    private func report(_ exchange: Exchange, settled settlements: [Settlement]) {
        telemetry.settled(settlements, lost: exchange.lost)
        telemetry.claimed(exchange.deliveries)
        let lost = settlements.count { $0.verdict != .handBack && exchange.lost.contains($0.id) }
        guard lost > 0 else { return }
        logger.error(
            "outcomes were not accepted: the lease had been lost and the tasks run elsewhere",
            metadata: [LogKeys.count: "\(lost)"])
    }

    private func waitForNews(_ line: Int) async {
        guard line == 0 else { return await bells[line].wait(atMost: Self.secondLinePause) }
        let due = shared.withLock { $0.due.time }
        let now = storeTime.withLock { $0.now }
        let untilDue = due.map { max($0 - now, .milliseconds(1)) } ?? configuration.idleInterval
        let start = ContinuousClock.now
        let longest = min(untilDue, configuration.idleInterval)
        await bells[line].wait(atMost: longest)
        guard ContinuousClock.now - start >= longest else { return }
        let woken = storeTime.withLock { $0.now }
        shared.withLock { shared in
            shared.due.wake(at: woken)
            shared.state.knock()
        }
    }

    /// Waits before another try.
    ///
    /// A drain does not wait for a broker for ever: what it can't be told, it finds out.
    private func shouldGoOn(after error: StoreError, failures: Int, _ line: Int) async -> Bool {
        let (isOver, untold) = shared.withLock { shared in
            let isOver = shared.state.isStopped && (failures >= Self.lastTries || shared.hasGivenUp)
            if isOver { shared.hasGivenUp = true }
            return (isOver, shared.state.unsettled.count)
        }
        if isOver {
            logger.error(
                "leaving with outcomes untold; their tasks run again when the lease lapses",
                metadata: [LogKeys.error: "\(error)", LogKeys.count: "\(untold)"])
            return false
        }
        let delay = Self.pause(after: failures, atMost: .seconds(5))
        logger.error(
            "exchange failed; outcomes are kept and told again",
            metadata: [
                LogKeys.error: "\(error)", LogKeys.count: "\(untold)", LogKeys.delaySeconds: "\(delay.inSeconds)",
            ])
        await rest(for: delay, at: bells[line])
        return true
    }

    /// How long to wait before a store is asked again.
    static func pause(after failures: Int, atMost cap: Duration) -> Duration {
        let policy = RetryPolicy(base: .milliseconds(100), cap: cap)
        var generator = SystemRandomNumberGenerator()
        return policy.delay(beforeRetry: failures, using: &generator) + .milliseconds(20)
    }

    /// Waits, whatever rings meanwhile.
    func rest(for delay: Duration, at bell: Doorbell) async {
        let end = ContinuousClock.now + delay
        while ContinuousClock.now < end { await bell.wait(atMost: end - .now) }
    }

    static let lastTries = 5
    /// How long a line that is not needed sleeps, should it have missed a bell.
    private static let secondLinePause = Duration.seconds(60)
}
