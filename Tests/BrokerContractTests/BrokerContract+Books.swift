import TaskQueue
import TestSupport
import Testing

@Suite("Every broker keeps its books", .timeLimit(.minutes(1)))
struct BrokerBooksContract {
    @Test("the same id again is a duplicate, not a second task", arguments: DriverUnderTest.allCases)
    func duplicateID(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        let message = TaskMessage(task: "work")
        let receipts = try await bench.broker.enqueue([message, message])
        #expect(receipts == [.accepted(message.id), .duplicate(of: message.id)])
        #expect(try await bench.claim().count == 1)
    }

    @Test("a unique key holds while its task lives and is free after", arguments: DriverUnderTest.allCases)
    func uniqueKey(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        let first = try await bench.enqueue { $0.uniqueKey = "tank-1" }
        var second = TaskMessage(task: "work")
        second.uniqueKey = "tank-1"
        #expect(try await bench.broker.enqueue([second]) == [.duplicate(of: first)])
        let delivery = try #require(try await bench.claim().first)
        #expect(try await bench.broker.enqueue([second]) == [.duplicate(of: first)])
        #expect(try await bench.finish(delivery))
        #expect(try await bench.broker.enqueue([second]) == [.accepted(second.id)])
    }

    @Test("a unique key can outlast its task", arguments: DriverUnderTest.allCases)
    func uniqueWindow(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        let first = try await bench.enqueue {
            $0.uniqueKey = "k"
            $0.uniqueFor = .seconds(60)
        }
        let delivery = try #require(try await bench.claim().first)
        #expect(try await bench.finish(delivery))
        var second = TaskMessage(task: "work")
        second.uniqueKey = "k"
        #expect(try await bench.broker.enqueue([second]) == [.duplicate(of: first)])
        bench.clock.advance(by: .seconds(60))
        #expect(try await bench.broker.enqueue([second]) == [.accepted(second.id)])
    }

    @Test("a payload over the limit and a full queue are refused", arguments: DriverUnderTest.allCases)
    func refusals(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make(limits: BrokerLimits(payloadBytesMax: 10, queueLengthMax: 1))
        let large = TaskMessage(task: "work", payload: [UInt8](repeating: 32, count: 11))
        #expect(try await bench.broker.enqueue([large]) == [.refused(.payloadTooLarge(bytes: 11, limit: 10))])
        try await bench.enqueue()
        let extra = TaskMessage(task: "work")
        #expect(try await bench.broker.enqueue([extra]) == [.refused(.queueFull(queue: "default", limit: 1))])
        #expect(try await bench.claim().count == 1)
        #expect(try await bench.broker.enqueue([extra]) == [.accepted(extra.id)])
    }

    @Test("cancelling a waiting task hands it to the canceller", arguments: DriverUnderTest.allCases)
    func cancelWaiting(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        let ready = try await bench.enqueue()
        let scheduled = try await bench.enqueue { $0.notBefore = .after(.seconds(60)) }
        let client = TaskClient(broker: bench.broker, results: bench.results)
        #expect(try await client.cancel(ready))
        #expect(try await client.cancel(scheduled))
        #expect(try await bench.state(of: ready) == .revoked)
        #expect(try await bench.state(of: scheduled) == .revoked)
        #expect(try await client.status(ready)?.failure?.reason == .cancelled)
        #expect(try await bench.claim().isEmpty)
        #expect(try await client.cancel(TaskID()) == false)
    }

    @Test(
        "a task that was cancelled before it ever began leaves its unique key free, also one held for a time",
        arguments: DriverUnderTest.allCases)
    func cancelFreesKey(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        let client = TaskClient(broker: bench.broker, results: bench.results)
        func keyed() -> TaskMessage {
            var message = TaskMessage(task: "work")
            message.uniqueKey = "k"
            message.uniqueFor = .seconds(60)
            return message
        }
        let (first, second, third) = (keyed(), keyed(), keyed())
        #expect(try await bench.broker.enqueue([first]) == [.accepted(first.id)])
        #expect(try await client.cancel(first.id))
        #expect(try await bench.broker.enqueue([second]) == [.accepted(second.id)])
        let delivery = try #require(try await bench.claim().first)
        #expect(try await bench.settle(delivery, .handBack))
        #expect(try await client.cancel(second.id))
        #expect(try await bench.broker.enqueue([third]) == [.duplicate(of: second.id)])
    }

    @Test("cancelling a running task asks its worker to stop it", arguments: DriverUnderTest.allCases)
    func cancelRunning(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        let id = try await bench.enqueue()
        let delivery = try #require(try await bench.claim().first)
        #expect(try await bench.broker.cancel([id], as: bench.other) == [.requested])
        #expect(try await bench.broker.renew(bench.worker, progress: [:]) == [.cancel(id, fence: delivery.fence)])
        let exchange = try await bench.broker.exchange([], claiming: nil, as: bench.worker)
        #expect(exchange.directives == [.cancel(id, fence: delivery.fence)])
    }

    @Test("a cancellation outlives the canceller", arguments: DriverUnderTest.allCases)
    func cancellerDies(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        let id = try await bench.enqueue()
        _ = try await bench.broker.cancel([id], as: bench.other)
        bench.clock.advance(by: .seconds(11))
        _ = try await bench.broker.recover()
        let delivery = try #require(try await bench.claim().first)
        #expect(delivery.isCancelled)
    }

    @Test("a failed task's message is kept as a dead letter until it is removed", arguments: DriverUnderTest.allCases)
    func deadLetters(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        let id = try await bench.enqueue {
            $0.payload = Array("{\"a\":1}".utf8)
            // Which the dead task goes on holding, and which must not swallow its retry.
            $0.uniqueKey = "k"
            $0.uniqueFor = .seconds(60)
        }
        let delivery = try #require(try await bench.claim().first)
        #expect(try await bench.finish(delivery, .failure))
        let letter = try #require(try await bench.broker.deadLetters([id], limit: 1).first)
        #expect(letter.failure == TaskFailure(.failed, "no"))
        #expect(try MessageCodec.decode(letter.messageBytes).payload == Array("{\"a\":1}".utf8))
        let client = TaskClient(broker: bench.broker, results: bench.results)
        let second = try #require(try await client.retry(dead: id))
        #expect(second != id)
        #expect(try await bench.broker.deadLetters(nil, limit: 10).isEmpty)
        #expect(try await bench.claim().map(\.id) == [second])
        #expect(try await bench.state(of: id) == .failure)
    }

    @Test("dead letters are bounded; the oldest give way", arguments: DriverUnderTest.allCases)
    func deadLettersBounded(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make(limits: BrokerLimits(deadLettersMax: 2))
        var ids: [TaskID] = []
        for _ in 0..<3 {
            ids.append(try await bench.enqueue())
            let delivery = try #require(try await bench.claim().first)
            #expect(try await bench.finish(delivery, .failure))
            bench.clock.advance(by: .seconds(1))
        }
        #expect(try await bench.broker.deadLetters(nil, limit: 10).map(\.id) == [ids[2], ids[1]])
    }

    @Test("a claim without a living worker goes back to its queue", arguments: DriverUnderTest.allCases)
    func orphanClaim(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        let id = try await bench.enqueue()
        _ = try await bench.claim()
        try await bench.loseClaims()
        #expect(try await bench.broker.recover().orphansRequeued == [id])
        #expect(try await bench.claim(as: bench.other).map(\.id) == [id])
    }

    @Test("a place in the queue without a task is removed", arguments: DriverUnderTest.allCases)
    func orphanPlace(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        let ready = try await bench.enqueue()
        let scheduled = try await bench.enqueue { $0.notBefore = .after(.seconds(60)) }
        try await bench.loseTask(ready)
        try await bench.loseTask(scheduled)
        #expect(try await bench.broker.recover().leftoversRemoved == 2)
        #expect(try await bench.claim().isEmpty)
    }

    @Test("a claim passes over a place whose task is gone", arguments: DriverUnderTest.allCases)
    func claimOfLostTask(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        let lost = try await bench.enqueue()
        let kept = try await bench.enqueue()
        try await bench.loseTask(lost)
        #expect(try await bench.claim().map(\.id) == [kept])
    }

    @Test("listeners hear of new work until they end", arguments: DriverUnderTest.allCases)
    func listeners(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        let (rings, ring) = AsyncStream.makeStream(of: Void.self)
        let subscription = bench.broker.onWork { ring.yield() }
        try await bench.enqueue()
        var iterator = rings.makeAsyncIterator()
        #expect(await iterator.next() != nil)
        subscription.end()
    }

    @Test("limits can change while it is in use, or it says that they do not", arguments: DriverUnderTest.allCases)
    func adoptedLimits(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        let message = TaskMessage(task: "work", payload: Array("{}".utf8))
        let isInForce = bench.broker.adopt(BrokerLimits(payloadBytesMax: 1))
        let receipt = try await bench.broker.enqueue([message]).first
        let refused = EnqueueReceipt.refused(.payloadTooLarge(bytes: 2, limit: 1))
        #expect(receipt == (isInForce ? refused : .accepted(message.id)))
    }
}
