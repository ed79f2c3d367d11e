import TaskQueue
import TestSupport
import Testing

@Suite("A broker and a simple model never disagree", .timeLimit(.minutes(5)))
struct BrokerModelTests {
    /// 3 drivers × 40 blocks × 18 interleavings of 60 steps each.
    @Test("thousands of random interleavings", arguments: DriverUnderTest.brokers, 0..<40)
    func interleavings(_ driver: DriverUnderTest, _ block: UInt64) async throws {
        let bench = try await driver.make()
        for number in 0..<18 {
            let seed = block * 1000 + UInt64(number)
            var run = ModelRun(bench: bench, seed: seed)
            do {
                try await run.play(steps: 60)
            } catch {
                Issue.record("seed \(seed) over \(driver): \(error)")
                return
            }
        }
    }
}

/// What the model knows of one task.
private struct Modelled {
    enum Place: Equatable {
        case waiting(due: Timestamp)
        case held(by: Int, fence: Int64, since: Timestamp)
        case final(TaskState)
    }

    var place: Place
    var attempts = 0
    var fence: Int64 = 0
    var deaths = 0
}

private struct Disagreement: Error, CustomStringConvertible {
    let description: String
}

/// One seeded interleaving: random moves on the broker, each foretold by the model.
private struct ModelRun {
    let bench: Bench
    var generator: SeededGenerator
    let queue: String
    var tasks: [TaskID: Modelled] = [:]
    var deliveries: [TaskID: Delivery] = [:]
    /// A late owner's deliveries: each must be refused for ever.
    var stale: [(Delivery, worker: Int)] = []
    let workers: [WorkerLease]

    init(bench: Bench, seed: UInt64) {
        self.bench = bench
        generator = SeededGenerator(seed: seed)
        queue = "q\(seed)"
        workers = (0..<3).map { WorkerLease(worker: "w\(seed)-\($0)", duration: .seconds(10)) }
    }

    mutating func play(steps: Int) async throws {
        for _ in 0..<steps {
            let move = Int.random(in: 0..<12, using: &generator)
            switch move {
            case 0...2: try await enqueue()
            case 3...5: try await claim()
            case 6...8: try await settle()
            case 9: try await settleStale()
            case 10: try await letTimePass()
            default: try await recover()
            }
            try await compare()
        }
        try await drainAll()
    }

    private mutating func enqueue() async throws {
        let delay = Bool.random(using: &generator) ? 0 : Int.random(in: 1...8, using: &generator)
        let priority = Int.random(in: 0...9, using: &generator)
        let id = try await bench.enqueue(queue: queue, priority: priority) {
            if delay > 0 { $0.notBefore = .after(.seconds(delay)) }
        }
        tasks[id] = Modelled(place: .waiting(due: bench.clock.now + .seconds(delay)))
    }

    private mutating func claim() async throws {
        let worker = Int.random(in: 0..<3, using: &generator)
        let count = Int.random(in: 1...4, using: &generator)
        let now = bench.clock.now
        let ready = tasks.filter {
            guard case .waiting(let due) = $0.value.place else { return false }
            return due <= now
        }
        let claimed = try await bench.claim(count, queues: [queue], as: workers[worker])
        let plain = ready.values.count { $0.deaths < 2 }
        guard claimed.count >= min(count, plain), claimed.count <= min(count, ready.count) else {
            throw Disagreement(description: "claimed \(claimed.count) of \(ready.count) ready, asked \(count)")
        }
        for delivery in claimed {
            guard let task = ready[delivery.id] else { throw Disagreement(description: "claimed what was not ready") }
            guard delivery.fence == task.fence + 1, delivery.attempt == task.attempts + 1,
                delivery.deaths == task.deaths
            else { throw Disagreement(description: "fence, attempt or deaths differ") }
            tasks[delivery.id]?.fence += 1
            tasks[delivery.id]?.place = .held(by: worker, fence: delivery.fence, since: now)
            deliveries[delivery.id] = delivery
        }
    }

    private mutating func settle() async throws {
        guard let (id, delivery) = deliveries.min(by: { $0.key < $1.key }),
            case .held(let worker, let fence, _)? = tasks[id]?.place, fence == delivery.fence
        else { return }
        deliveries[id] = nil
        let now = bench.clock.now
        let accepted: Bool
        switch Int.random(in: 0..<5, using: &generator) {
        case 0:
            let past = AttemptRecord(attempt: 1, worker: "w", startedAt: now, finishedAt: now, failure: nil)
            accepted = try await bench.settle(delivery, .retry(after: .seconds(3), past), as: workers[worker])
            tasks[id]?.attempts += 1
            tasks[id]?.place = .waiting(due: now + .seconds(3))
        case 1:
            accepted = try await bench.settle(delivery, .snooze(.seconds(2)), as: workers[worker])
            tasks[id]?.place = .waiting(due: now + .seconds(2))
        case 2:
            accepted = try await bench.settle(delivery, .handBack, as: workers[worker])
            tasks[id]?.place = .waiting(due: now)
        default:
            let state = Bool.random(using: &generator) ? TaskState.success : .failure
            accepted = try await bench.finish(delivery, state, as: workers[worker])
            tasks[id]?.place = .final(state)
        }
        stale.append((delivery, worker))
        if !accepted { throw Disagreement(description: "the owner's settlement was refused") }
    }

    private mutating func settleStale() async throws {
        guard let (delivery, worker) = stale.randomElement(using: &generator) else { return }
        if try await bench.settle(delivery, .handBack, as: workers[worker]) {
            throw Disagreement(description: "a late owner could settle")
        }
    }

    private mutating func letTimePass() async throws {
        bench.clock.advance(by: .seconds(Int.random(in: 1...6, using: &generator)))
        for worker in workers { _ = try await bench.broker.renew(worker, progress: [:]) }
    }

    private mutating func recover() async throws {
        // The crash: one worker is silent for longer than its lease, the others renew.
        let dead = Int.random(in: 0..<3, using: &generator)
        for step in 0..<2 {
            bench.clock.advance(by: .seconds(step == 0 ? 5 : 6))
            for worker in 0..<3 where worker != dead {
                _ = try await bench.broker.renew(workers[worker], progress: [:])
            }
        }
        _ = try await bench.broker.recover()
        let now = bench.clock.now
        for (id, task) in tasks {
            guard case .held(let worker, _, _) = task.place, worker == dead else { continue }
            tasks[id]?.deaths += 1
            tasks[id]?.place = .waiting(due: now)
            if let delivery = deliveries.removeValue(forKey: id) { stale.append((delivery, worker)) }
        }
    }

    private func compare() async throws {
        let client = TaskClient(broker: bench.broker, results: bench.results)
        let records = try await client.status(Array(tasks.keys))
        for (id, task) in tasks {
            let expected: TaskState
            switch task.place {
            case .waiting: expected = task.attempts > 0 ? .retry : .pending
            case .held: expected = .processing
            case .final(let state): expected = state
            }
            guard let record = records[id] else { throw Disagreement(description: "\(id) is lost") }
            guard record.state == expected else {
                throw Disagreement(description: "\(id) is \(record.state), the model says \(expected)")
            }
        }
    }

    /// Nothing is lost: whatever is left can be brought to an end.
    private mutating func drainAll() async throws {
        for (id, delivery) in deliveries {
            guard case .held(let worker, _, _)? = tasks[id]?.place else { continue }
            _ = try await bench.finish(delivery, as: workers[worker])
            tasks[id]?.place = .final(.success)
        }
        bench.clock.advance(by: .seconds(9))
        while true {
            let claimed = try await bench.claim(50, queues: [queue])
            if claimed.isEmpty { break }
            for delivery in claimed {
                guard try await bench.finish(delivery) else { throw Disagreement(description: "the owner was refused") }
                tasks[delivery.id]?.place = .final(.success)
            }
        }
        try await compare()
        guard tasks.values.allSatisfy({ if case .final = $0.place { true } else { false } }) else {
            throw Disagreement(description: "a task never became final")
        }
    }
}
