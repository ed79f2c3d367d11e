import Postgres
import Results
import TaskQueue
import TestSupport
import Testing

@Suite("A list of results", .timeLimit(.minutes(2)))
struct ListTests {
    @Test("is what the filter says, whatever is in it", arguments: [TaskState.success, .failure, nil], ["a", nil])
    func filters(_ state: TaskState?, _ task: String?) async throws {
        let database = try await ResultDatabase()
        var records: [TaskRecord] = []
        for number in 0..<60 {
            let enqueued = database.clock.now + .seconds(number)
            // Made when it was enqueued, or a few minutes before, or with an id that says nothing of its time.
            let made = UInt64(clamping: (enqueued + .seconds(number % 8 == 0 ? -500 : 0)).rawValue)
            let id = TaskID(high: number % 7 == 0 ? UInt64(number) : made << 16, low: UInt64(number))
            var record = database.record(
                number % 2 == 0 ? "a" : "b", state: number % 3 == 0 ? .failure : .success, id: id)
            record.queue = "q\(number % 4)"
            record.worker = "w\(number % 5)"
            record.enqueuedAt = enqueued
            records.append(record)
        }
        _ = try await database.results.record(records)
        for (queue, worker, since) in [(nil, nil, nil), ("q1", nil, 30), (nil, "w2", nil), ("q2", "w2", 10)]
            as [(String?, String?, Int?)]
        {
            var filter = TaskFilter(limit: 7)
            filter.state = state
            filter.task = task
            filter.queue = queue
            filter.worker = worker
            filter.since = since.map { database.clock.now + .seconds($0) }
            var expected = records.filter(filter.includes).map(\.id).sorted(by: >)
            // Page after page, by the last id of the one before.
            while true {
                let page = try await database.results.list(filter).map(\.id)
                #expect(page == Array(expected.prefix(7)))
                guard let last = page.last else { break }
                expected.removeFirst(page.count)
                filter.before = last
            }
        }
    }
}
