import Blocking
import Logging
import Synchronization

extension Worker {
    /// The worker's dealings with a result store apart from the broker; while it records, the trade goes on.
    func keepLedger() async {
        var failures = 0
        while !broker.recordsOutcomes {
            let (turn, isOver) = shared.withLock { ($0.state.ledger.nextTurn(), $0.state.isOver) }
            do throws(StoreError) {
                switch turn {
                case .record(let settlements):
                    try await record(settlements)
                case .verify(let deliveries):
                    try await verify(deliveries)
                case .wait:
                    if isOver { return }
                    await ledgerBell.wait(atMost: configuration.idleInterval)
                    continue
                }
                failures = 0
                shared.withLock { $0.resultTrouble = nil }
                ringOne()
            } catch {
                failures += 1
                shared.withLock { $0.resultTrouble = error }
                guard await shouldRetry(after: error, failures: failures) else { return }
            }
        }
    }

    private func record(_ settlements: [Settlement]) async throws(StoreError) {
        let records = settlements.compactMap { settlement -> TaskRecord? in
            guard case .finish(let record) = settlement.verdict else { return nil }
            return record
        }
        do throws(StoreError) {
            _ = try await results.record(records)
            shared.withLock { $0.state.recorded(settlements) }
        } catch {
            shared.withLock { $0.state.ledger.restore(settlements) }
            throw error
        }
    }

    /// What is final already is only settled; the rest may run.
    private func verify(_ deliveries: [Delivery]) async throws(StoreError) {
        let final = try await results.fetch(deliveries.map(\.id))
        shared.withLock { $0.state.verified(deliveries, final: final) }
        startReady()
    }

    /// Waits before another try; a drain does not wait for a store for ever.
    private func shouldRetry(after error: StoreError, failures: Int) async -> Bool {
        let isStopped = shared.withLock { $0.state.isStopped }
        if isStopped, failures >= Self.lastTries {
            let count = shared.withLock { $0.state.ledger.abandon() }
            logger.error(
                "leaving with results unrecorded; their tasks run again",
                metadata: [LogKeys.error: "\(error)", LogKeys.count: "\(count)"])
            ring()
            return false
        }
        // Short, so that work flows soon after the store is back.
        let delay = Self.pause(after: failures, atMost: .seconds(2))
        let count = shared.withLock { $0.state.ledger.unrecorded.count }
        logger.error(
            "the result store can't be used; outcomes are kept and recorded again",
            metadata: [
                LogKeys.error: "\(error)", LogKeys.count: "\(count)", LogKeys.delaySeconds: "\(delay.inSeconds)",
            ])
        await rest(for: delay, at: ledgerBell)
        return true
    }
}
