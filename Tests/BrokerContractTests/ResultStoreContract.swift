import TaskQueue
import TestSupport
import Testing

@Suite("Every result store keeps the contract", .timeLimit(.minutes(1)))
struct ResultStoreContract {
    private func record(_ bench: Bench, _ state: TaskState = .success) -> TaskRecord {
        var record = TaskRecord(id: TaskID(), task: "work", queue: "q", state: state, enqueuedAt: bench.clock.now)
        record.attempt = 2
        record.maxAttempts = 4
        record.startedAt = bench.clock.now + .milliseconds(5)
        record.finishedAt = bench.clock.now + .milliseconds(9)
        record.worker = "w-1"
        record.fence = 3
        record.result = state == .success ? Array("{\"a\":[1]}".utf8) : nil
        record.failure = state == .success ? nil : TaskFailure(.failed, "why", type: "E")
        record.history = [
            AttemptRecord(
                attempt: 1, worker: "w-0", startedAt: bench.clock.now, finishedAt: bench.clock.now,
                failure: TaskFailure(.timedOut, "late"))
        ]
        record.retention = .seconds(60)
        return record
    }

    @Test("a record comes back as it was written", arguments: DriverUnderTest.allCases, [TaskState.success, .failure])
    func roundTrip(_ driver: DriverUnderTest, _ state: TaskState) async throws {
        let bench = try await driver.make()
        let record = record(bench, state)
        #expect(try await bench.results.record([record]) == [true])
        #expect(try await bench.results.fetch([record.id, TaskID()]) == [record.id: record])
    }

    @Test("the first final record stands", arguments: DriverUnderTest.allCases)
    func firstStands(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        let first = record(bench)
        var late = first
        late.state = .failure
        late.result = nil
        let other = record(bench)
        #expect(try await bench.results.record([first]) == [true])
        #expect(try await bench.results.record([late, other]) == [false, true])
        #expect(try await bench.results.fetch([first.id])[first.id]?.state == .success)
    }

    @Test(
        "a state that is not final is refused, and nothing of the batch is written",
        arguments: DriverUnderTest.allCases, [TaskState.pending, .processing, .retry])
    func notFinal(_ driver: DriverUnderTest, _ state: TaskState) async throws {
        let bench = try await driver.make()
        let good = record(bench)
        await #expect(throws: StoreError(.invalidRequest, "")) {
            _ = try await bench.results.record([good, self.record(bench, state)])
        }
        #expect(try await bench.results.fetch([good.id]).isEmpty)
    }

    @Test("a record is gone when its retention ends, and pruning removes it", arguments: DriverUnderTest.allCases)
    func retention(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        let record = record(bench)
        _ = try await bench.results.record([record])
        bench.clock.advance(by: .seconds(60))
        #expect(try await bench.results.fetch([record.id]).count == 1)
        #expect(try await bench.results.prune() == 0)
        bench.clock.advance(by: .seconds(1))
        #expect(try await bench.results.fetch([record.id]).isEmpty)
        #expect(try await bench.results.list(TaskFilter()).isEmpty)
        #expect(try await bench.results.prune() == (driver.prunesByItself ? 0 : 1))
    }

    @Test("listing filters and pages, newest first", arguments: DriverUnderTest.allCases)
    func list(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        let records = [record(bench), record(bench, .failure), record(bench), record(bench)]
        _ = try await bench.results.record(records)
        var filter = TaskFilter(limit: 2)
        filter.state = .success
        #expect(try await bench.results.list(filter).map(\.id) == [records[3].id, records[2].id])
        filter.before = records[2].id
        #expect(try await bench.results.list(filter).map(\.id) == [records[0].id])
        filter = TaskFilter()
        filter.task = "other"
        #expect(try await bench.results.list(filter).isEmpty)
    }

    @Test("those who wait for a task are told", arguments: DriverUnderTest.allCases)
    func told(_ driver: DriverUnderTest) async throws {
        let bench = try await driver.make()
        let record = record(bench)
        let (rings, ring) = AsyncStream.makeStream(of: Void.self)
        let subscription = bench.results.onResult(of: [record.id]) { ring.yield() }
        _ = try await bench.results.record([record])
        var iterator = rings.makeAsyncIterator()
        #expect(await iterator.next() != nil)
        subscription.end()
    }
}
