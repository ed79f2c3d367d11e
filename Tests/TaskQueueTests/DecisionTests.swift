import Testing

@testable import TaskQueue

@Suite("Decisions that need no waiting")
struct DecisionTests {
    @Test("only the legal moves between states are legal")
    func states() {
        #expect(TaskState.pending.canBecome(.processing))
        #expect(TaskState.processing.canBecome(.retry))
        #expect(TaskState.retry.canBecome(.processing))
        #expect(!TaskState.pending.canBecome(.success))
        #expect(!TaskState.retry.canBecome(.success))
        for state in TaskState.allCases where state.isFinal { #expect(state.successors.isEmpty) }
    }

    @Test("back-off doubles up to its cap", arguments: [(1, 1.0), (2, 2.0), (3, 4.0), (10, 60.0), (10_000, 60.0)])
    func backOff(_ retry: Int, _ seconds: Double) {
        let policy = RetryPolicy(maxRetries: 5, base: .seconds(1), factor: 2, cap: .seconds(60), jitter: false)
        #expect(policy.bound(beforeRetry: retry) == .seconds(seconds))
    }

    @Test("jitter spreads a wait over all of its range")
    func jitter() {
        let policy = RetryPolicy(base: .seconds(8))
        var generator = SystemRandomNumberGenerator()
        let waits = (0..<200).map { _ in policy.delay(beforeRetry: 1, using: &generator) }
        #expect(waits.allSatisfy { $0 >= .zero && $0 <= .seconds(8) })
        #expect(waits.contains { $0 < .seconds(3) })
        #expect(waits.contains { $0 > .seconds(5) })
    }

    @Test("time arithmetic saturates instead of overflowing")
    func time() {
        let end = Timestamp(rawValue: .max)
        #expect(end + .seconds(1) == end)
        #expect(Timestamp(rawValue: 0) + .seconds(Int64.max) == end)
        #expect(end - Timestamp(rawValue: .min) == .milliseconds(Int64.max))
        #expect(Timestamp(rfc3339: "2026-12-01T06:00:00Z")?.description == "2026-12-01T06:00:00.000Z")
        #expect(Timestamp(rfc3339: "tomorrow") == nil)
    }

    @Test("an idle worker claims its free slots and a busy one what will soon fit")
    func claimSize() {
        var state = WorkerState(slots: 4, claimMax: 100, lookahead: .milliseconds(20))
        #expect(state.claimSize == 4)
        state.accept(deliveries(4), asked: 4)
        for _ in 0..<4 { _ = state.startNext(batchSize: 1) }
        #expect(state.claimSize == 0)
        for _ in 0..<4 { state.finish([], seconds: 0.001) }
        #expect(state.claimSize == 4 + 80)
    }

    @Test("slow tasks are claimed one by one")
    func slowTasks() {
        var state = WorkerState(slots: 4, claimMax: 100, lookahead: .milliseconds(20))
        state.accept(deliveries(4), asked: 4)
        for _ in 0..<4 { _ = state.startNext(batchSize: 1) }
        state.finish([], seconds: 1)
        #expect(state.claimSize == 1)
    }

    @Test("a knock while a claim is on its way is not forgotten when the claim brings nothing")
    func knock() {
        var state = WorkerState(slots: 1, claimMax: 10, lookahead: .zero)
        _ = state.nextTurn()
        state.knock()
        state.accept([], asked: 1)
        #expect(state.claimSize == 1)
        _ = state.nextTurn()
        state.accept([], asked: 1)
        #expect(state.claimSize == 0)
    }

    @Test("a suspect that ends while a claim is on its way has the worker ask for the next")
    func suspect() {
        var state = WorkerState(slots: 2, claimMax: 10, lookahead: .zero)
        _ = state.nextTurn()
        let delivery = delivery("a", deaths: 2)
        state.accept([delivery], asked: 2)
        #expect(state.claimSize == 0)
        _ = state.startNext(batchSize: 1)
        state.knock()
        _ = state.nextTurn()
        state.finish([Settlement(delivery, .handBack)], seconds: 0.001)
        state.accept([], asked: 1)
        #expect(state.claimSize == 2)
    }

    @Test("two exchanges at once share the work and keep each other company only for much")
    func sideBySide() {
        var state = WorkerState(slots: 2, claimMax: 10, exchangesMax: 2, lookahead: .milliseconds(20))
        state.accept(deliveries(2), asked: 2)
        for _ in 0..<2 { _ = state.startNext(batchSize: 1) }
        state.finish([], seconds: 0.000001)
        guard case .exchange(_, claim: 10) = state.nextTurn(), case .exchange(_, claim: 10) = state.nextTurn() else {
            Issue.record("expected two claims")
            return
        }
        guard case .wait = state.nextTurn() else {
            Issue.record("expected no third")
            return
        }
        state.accept(deliveries(10), asked: 10)
        #expect(state.exchanging == 1 && state.claiming == 10)
        state.restore([], asked: 10)
        #expect(state.exchanging == 0 && state.claiming == 0)
    }

    @Test("a little to tell waits for the exchange that is under way")
    func company() {
        var state = WorkerState(slots: 1, claimMax: 10, exchangesMax: 2, lookahead: .zero)
        _ = state.nextTurn()
        state.add([Settlement(deliveries(1)[0], .handBack)])
        guard case .wait = state.nextTurn() else {
            Issue.record("expected a wait")
            return
        }
        state.accept([], asked: 1)
        guard case .exchange(let told, claim: 0) = state.nextTurn() else {
            Issue.record("expected an exchange")
            return
        }
        #expect(told.count == 1)
    }

    @Test("an exchange goes beside another for much to tell, or before the slots run dry")
    func pace() {
        var state = WorkerState(slots: 1, claimMax: 400, exchangesMax: 4, lookahead: .seconds(1))
        state.accept(deliveries(1), asked: 1)
        _ = state.startNext(batchSize: 1)
        state.finish([], seconds: 0.000001)
        guard case .exchange(_, claim: 400) = state.nextTurn(), case .exchange(_, claim: 400) = state.nextTurn() else {
            Issue.record("expected claims until there is work")
            return
        }
        state.accept(deliveries(400), asked: 400)
        guard case .wait = state.nextTurn() else {
            Issue.record("expected a wait while there is work and little to tell")
            return
        }
        // Bound first, or a failure would print all deliveries.
        let (isEarly, some) = (state.wantsExchange, deliveries(300).map { Settlement($0, .handBack) })
        state.add(some)
        let isTime = state.wantsExchange
        #expect(!isEarly && isTime)
        guard case .exchange(let told, claim: 400) = state.nextTurn() else {
            Issue.record("expected an exchange for what there is to tell")
            return
        }
        #expect(told.count == 300)
    }

    @Test("no exchange tells more than may be claimed at once")
    func bounded() {
        var state = WorkerState(slots: 1, claimMax: 200, lookahead: .zero)
        state.add(deliveries(500).map { Settlement($0, .handBack) })
        var told: [Int] = []
        while case .exchange(let settlements, let claim) = state.nextTurn() {
            told.append(settlements.count)
            state.accept([], asked: claim)
        }
        #expect(told == [200, 200, 100])
    }

    @Test("what is handed back in several exchanges is told from the newest to the oldest")
    func handBackOrder() {
        var state = WorkerState(slots: 1, claimMax: 200, lookahead: .zero)
        let held = deliveries(300)
        state.accept(held, asked: 300)
        state.drain()
        var told: [TaskID] = []
        while case .exchange(let settlements, let claim) = state.nextTurn() {
            told += settlements.map(\.id)
            state.accept([], asked: claim)
        }
        #expect(told == held.reversed().map(\.id))
    }

    @Test("a drain hands back what has not started and ends when nothing runs")
    func drain() {
        var state = WorkerState(slots: 1, claimMax: 10, lookahead: .zero)
        state.accept(deliveries(3), asked: 3)
        _ = state.startNext(batchSize: 1)
        state.drain()
        #expect(state.unsettled.map(\.verdict) == [.handBack, .handBack])
        #expect(state.claimSize == 0)
        guard case .exchange(let told, claim: 0) = state.nextTurn() else {
            Issue.record("expected an exchange")
            return
        }
        #expect(told.count == 2)
        state.accept([], asked: 0)
        guard case .wait = state.nextTurn() else {
            Issue.record("expected a wait while one task runs")
            return
        }
        state.finish([], seconds: 0)
        guard case .finished = state.nextTurn() else {
            Issue.record("expected the end")
            return
        }
    }

    @Test("what could not be told is told again, first")
    func restore() {
        var state = WorkerState(slots: 1, claimMax: 10, lookahead: .zero)
        let first = Settlement(deliveries(1)[0], .handBack)
        let second = Settlement(deliveries(1)[0], .handBack)
        state.add([second])
        state.restore([first], asked: 0)
        #expect(state.unsettled == [first, second])
    }

    @Test("a batch gathers its own kind and leaves the rest in order")
    func batches() {
        var state = WorkerState(slots: 1, claimMax: 10, lookahead: .zero)
        let held = ["a", "b", "a", "c", "a"].map { delivery($0) }
        state.accept(held, asked: 5)
        #expect(state.startNext(batchSize: 2) == [held[0], held[2]])
        #expect(Array(state.backlog) == [held[1], held[3], held[4]])
    }

    @Test("an attempt's outcome decides what the broker is told")
    func verdicts() throws {
        let verdict = Verdict(policy: TaskPolicy(), worker: "w", now: Timestamp(rawValue: 5))
        let first = delivery("a")
        let last = delivery("a", attempt: 4)
        let failure = TaskFailure(.failed, "x")
        #expect(verdict.settle(first, .interrupted).verdict == .handBack)
        #expect(verdict.settle(first, .leaseLost).verdict == .handBack)
        #expect(verdict.settle(first, .failed(failure, .snooze(.seconds(1)))).verdict == .snooze(.seconds(1)))
        guard case .retry(after: .zero, let past) = verdict.settle(first, .failed(failure, .retryNow)).verdict else {
            Issue.record("expected a retry")
            return
        }
        #expect(past.failure == failure)
        for (outcome, state) in [
            (Outcome.succeeded([]), TaskState.success), (.cancelled, .revoked), (.expired, .revoked),
            (.quarantined(failure), .failure), (.failed(failure, .giveUp), .failure),
        ] {
            guard case .finish(let record) = verdict.settle(first, outcome).verdict else {
                Issue.record("expected an end")
                continue
            }
            #expect(record.state == state)
        }
        guard case .finish(let record) = verdict.settle(last, .timedOut(failure)).verdict else {
            Issue.record("the fourth of four attempts is the last")
            return
        }
        #expect(record.state == .failure)
    }

    private func delivery(_ task: String, attempt: Int = 1, deaths: Int = 0) -> Delivery {
        let message = TaskMessage(task: task)
        let time = Timestamp(rawValue: 0)
        return Delivery(
            id: message.id, content: .success(message), task: task, queue: "default", fence: 1, attempt: attempt,
            deaths: deaths, enqueuedAt: time, claimedAt: time)
    }

    private func deliveries(_ count: Int) -> [Delivery] {
        (0..<count).map { _ in delivery("a") }
    }
}
