import Testing

@testable import TaskQueue

/// What keeps one task from taking what others need.
@Suite("Sharing a worker")
struct ShareTests {
    private func delivery(_ task: String = "a", fence: Int64 = 1, limit: Duration? = nil) -> Delivery {
        var message = TaskMessage(task: task)
        message.timeLimit = limit
        let time = Timestamp(rawValue: 0)
        return Delivery(
            id: message.id, content: .success(message), task: task, queue: "default", fence: fence, attempt: 1,
            deaths: 0,
            enqueuedAt: time, claimedAt: time)
    }

    private func success(_ delivery: Delivery) -> Settlement {
        let record = TaskRecord(settling: delivery, as: .success, at: Timestamp(rawValue: 1), worker: "w")
        return Settlement(delivery, .finish(record))
    }

    @Test("what was claimed ahead at the pace of quick tasks goes back when slow ones hold every slot")
    func stall() {
        var state = WorkerState(slots: 2, claimMax: 100, lookahead: .milliseconds(20))
        state.accept([delivery()], asked: 1)
        _ = state.startNext(batchSize: 1)
        state.finish([], seconds: 0.000010)
        state.accept((0..<50).map { _ in delivery() }, asked: 50)
        let whileFree = state.stall(for: .seconds(5))
        #expect(!whileFree, "a slot is free")
        for _ in 0..<2 { _ = state.startNext(batchSize: 1) }
        let first = state.stall(for: .seconds(1))
        #expect(first)
        #expect(state.waiting == 0 && state.unsettled.map(\.verdict) == Array(repeating: .handBack, count: 48))
        _ = state.nextTurn()
        state.accept([], asked: 0)
        state.knock()
        #expect(state.claimSize == 0, "they would be claimed again at once")
        let second = state.stall(for: .seconds(2))
        #expect(!second, "nothing is left to give back")
    }

    @Test("a message's own time limit is not its neighbours' in a batch")
    func batchLimits() {
        var state = WorkerState(slots: 1, claimMax: 10, lookahead: .zero)
        let held = [delivery(limit: .seconds(1)), delivery(), delivery(limit: .seconds(1)), delivery()]
        state.accept(held, asked: 4)
        let first = state.startNext(batchSize: 9)
        state.finish([], seconds: 0)
        let second = state.startNext(batchSize: 9)
        #expect(first == [held[0], held[2]] && second == [held[1], held[3]])
    }

    @Test("a knock is not used up by an exchange that only settles beside a claim")
    func knockBesideSettlements() {
        var state = WorkerState(slots: 1, claimMax: 1, exchangesMax: 2, lookahead: .zero)
        _ = state.nextTurn()
        state.knock()
        state.add((0..<WorkerState.settleBatch).map { _ in Settlement(delivery(), .handBack) })
        guard case .exchange(_, claim: 0) = state.nextTurn() else {
            Issue.record("expected one that settles")
            return
        }
        state.accept([], asked: 1)
        state.accept([], asked: 0)
        #expect(state.claimSize == 1)
    }

    @Test("what is delivered again is looked up between recordings, however many there are")
    func ledgerTurns() {
        var ledger = Ledger(isKept: true, claimMax: 100)
        let again = delivery(fence: 2)
        let mustVerify = ledger.mustVerify(again)
        #expect(mustVerify)
        for _ in 0..<3 {
            _ = ledger.take([success(delivery())])
            guard case .record = ledger.nextTurn() else {
                Issue.record("expected a recording")
                return
            }
            _ = ledger.take([success(delivery())])
            ledger.recorded()
            guard case .verify([again]) = ledger.nextTurn() else {
                Issue.record("expected a look")
                return
            }
        }
    }

    @Test("an attempt's clock starts when its handler is reached, and not at all if it was stopped before")
    func waitingForAThread() {
        let waiting = AttemptControl([delivery()], softLimit: .seconds(1), hardLimit: .seconds(2)) {}
        #expect(waiting.softDeadline == nil && waiting.hardDeadline == nil)
        #expect(waiting.begin() && waiting.softDeadline != nil)
        let stopped = AttemptControl([delivery()], softLimit: .seconds(1), hardLimit: .seconds(2)) {}
        stopped.stop(.cancelled)
        #expect(!stopped.begin() && stopped.startedAt == nil)
        let abandoned = AttemptControl([delivery()], softLimit: .seconds(1), hardLimit: .seconds(2)) {}
        _ = abandoned.end()
        #expect(!abandoned.begin())
    }

    @Test("as many retries as there are numbers are not one too many")
    func endlessRetries() {
        var message = TaskMessage(task: "a")
        message.maxRetries = .max
        #expect(message.attemptsMax(under: TaskPolicy()) == .max)
        message.maxRetries = -1
        #expect(message.attemptsMax(under: TaskPolicy()) == 1)
        message.maxRetries = 3
        #expect(message.attemptsMax(under: TaskPolicy()) == 4)
    }
}
