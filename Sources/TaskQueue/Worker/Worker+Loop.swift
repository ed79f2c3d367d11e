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
            switch shared.withLock({ $0.state.nextTurn() }) {
            case .exchange(let settlements, let claim):
                do throws(StoreError) {
                    try await exchange(settlements, claim)
                    failures = 0
                } catch {
                    failures += 1
                    shared.withLock { shared in
                        shared.state.restore(settlements, asked: claim)
                        shared.trouble = error
                    }
                    guard await shouldGoOn(after: error, failures: failures, line) else { return }
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

    /// Tells the trade that there is something to look at.
    func ring() {
        for bell in bells { bell.ring() }
    }

    /// Result row first, broker second: a crash in between repeats the task and never loses it.
    private func exchange(_ settlements: [Settlement], _ claim: Int) async throws(StoreError) {
        if !broker.recordsOutcomes { try await record(settlements) }
        let request = Claim(count: claim, tasks: taskNames, queues: configuration.queues)
        let exchange = try await broker.exchange(settlements, claiming: claim > 0 ? request : nil, as: lease)
        report(exchange, settled: settlements)
        // Before the new deliveries: what was lost is what was held until now.
        follow(exchange.directives)
        let deliveries = try await withoutAlreadyFinal(exchange.deliveries)
        storeTime.withLock { $0.set(exchange.now) }
        shared.withLock { shared in
            shared.lastExchange = .now
            shared.hasExchanged = true
            shared.trouble = nil
            shared.nextDue = exchange.nextDue
            shared.state.accept(deliveries, asked: claim)
        }
        startReady()
    }

    private func record(_ settlements: [Settlement]) async throws(StoreError) {
        let final = settlements.compactMap { settlement -> TaskRecord? in
            guard case .finish(let record) = settlement.verdict else { return nil }
            return record
        }
        if !final.isEmpty { _ = try await results.record(final) }
    }

    /// A task delivered again may have been recorded by a worker that died before it could settle.
    private func withoutAlreadyFinal(_ deliveries: [Delivery]) async throws(StoreError) -> [Delivery] {
        let again = deliveries.filter { $0.fence > 1 }
        guard !broker.recordsOutcomes, !again.isEmpty else { return deliveries }
        let final: [TaskID: TaskRecord]
        do throws(StoreError) {
            final = try await results.fetch(again.map(\.id))
        } catch {
            // Claimed but not started: they go back rather than run without being looked up.
            shared.withLock { $0.state.add(deliveries.map { Settlement($0, .handBack) }) }
            throw error
        }
        let settlements = again.compactMap { delivery in
            final[delivery.id].map { Settlement(delivery, .finish($0)) }
        }
        shared.withLock { $0.state.add(settlements) }
        return deliveries.filter { final[$0.id] == nil }
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
        let nextDue = shared.withLock { $0.nextDue }
        let now = storeTime.withLock { $0.now }
        let untilDue = nextDue.map { max($0 - now, .milliseconds(1)) } ?? configuration.idleInterval
        let start = ContinuousClock.now
        let longest = min(untilDue, configuration.idleInterval)
        await bells[line].wait(atMost: longest)
        if ContinuousClock.now - start >= longest { shared.withLock { $0.state.knock() } }
    }

    /// Waits before another try.
    ///
    /// A drain does not wait for a broker for ever: what it can't be told, it finds out.
    private func shouldGoOn(after error: StoreError, failures: Int, _ line: Int) async -> Bool {
        let (phase, busy, untold) = shared.withLock { ($0.state.phase, $0.state.busy, $0.state.unsettled.count) }
        if phase == .stopping, busy == 0, failures >= Self.lastTries {
            logger.error(
                "leaving with outcomes untold; their tasks run again when the lease lapses",
                metadata: [LogKeys.error: "\(error)", LogKeys.count: "\(untold)"])
            return false
        }
        let policy = RetryPolicy(base: .milliseconds(100), cap: .seconds(5))
        var generator = SystemRandomNumberGenerator()
        let delay = policy.delay(beforeRetry: failures, using: &generator) + .milliseconds(20)
        logger.error(
            "exchange failed; outcomes are kept and told again",
            metadata: [
                LogKeys.error: "\(error)", LogKeys.count: "\(untold)", LogKeys.delaySeconds: "\(delay.inSeconds)",
            ])
        let end = ContinuousClock.now + delay
        while ContinuousClock.now < end { await bells[line].wait(atMost: end - .now) }
        return true
    }

    private static let lastTries = 5
    /// How long a line that is not needed sleeps, should it have missed a bell.
    private static let secondLinePause = Duration.seconds(60)
}
