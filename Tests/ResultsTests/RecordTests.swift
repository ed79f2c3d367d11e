import Postgres
import Results
import TaskQueue
import TestSupport
import Testing

@Suite("A record in PostgreSQL", .timeLimit(.minutes(2)))
struct RecordTests {
    @Test("is typed: its result can be asked for by SQL")
    func typed() async throws {
        let database = try await ResultDatabase()
        let record = database.record()
        _ = try await database.results.record([record])
        let value = try await database.text(
            "SELECT result ->> 'n' FROM taskqueue_results WHERE id = $1", .uuid(record.id.high, record.id.low))
        #expect(value == "1")
    }

    @Test(
        "comes back whole although jsonb can't hold a part of it",
        arguments: [
            #"{"a":"\u0000"}"#, #"{"a":"\ud800"}"#, #"["\\u0000","\uD83D\uDE00"]"#, "1e999999", "not JSON at all",
            String(repeating: "[", count: 20_000), "",
        ])
    func unfit(_ json: String) async throws {
        let database = try await ResultDatabase()
        var record = database.record()
        record.result = Array(json.utf8)
        let other = database.record()
        #expect(try await database.results.record([record, other]) == [true, true])
        #expect(try await database.results.fetch([record.id, other.id]) == [record.id: record, other.id: other])
    }

    @Test("keeps its document, whatever spaces, quotes and numbers are in it")
    func documents() async throws {
        let database = try await ResultDatabase()
        let texts = [
            #"{"a":" , : \" \\","b":[1,2.50,null,true]}"#, "\"\"", "[]", "-0.1", #"" x: y, z ""#, #"{"é":"ü😀"}"#,
        ]
        var records: [TaskRecord] = []
        for text in texts {
            var record = database.record()
            record.result = Array(text.utf8)
            records.append(record)
        }
        _ = try await database.results.record(records)
        let found = try await database.results.fetch(records.map(\.id))
        #expect(records.map { found[$0.id]?.result.map { String(decoding: $0, as: UTF8.self) } } == texts)
    }

    @Test("with extreme numbers, names and times is kept")
    func extremes() async throws {
        let database = try await ResultDatabase()
        var record = database.record()
        record.task = String(repeating: "ö", count: 500)
        record.worker = nil
        record.startedAt = nil
        record.fence = .max
        record.attempt = Int(Int32.max)
        record.retention = .milliseconds(Int64.max)
        #expect(try await database.results.record([record]) == [true])
        let found = try await database.results.fetch([record.id])[record.id]
        #expect(found?.task == record.task && found?.fence == .max && found?.worker == nil)
        // Forever stays forever.
        #expect(found?.retention ?? .zero > .seconds(1_000_000_000))
    }

    @Test("is written once, however many try at the same time")
    func race() async throws {
        let database = try await ResultDatabase()
        let records = (0..<200).map { _ in database.record() }
        let written = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<8 {
                // In different orders, which must not end in a ring of waits.
                let own = number.isMultiple(of: 2) ? records : records.reversed()
                group.addTask { try await database.results.record(own).count { $0 } }
            }
            return try await group.reduce(0, +)
        }
        #expect(written == 200)
    }

    @Test("twice in one batch is written once")
    func twice() async throws {
        let database = try await ResultDatabase()
        let record = database.record()
        #expect(try await database.results.record([record, record]).count { $0 } == 1)
    }

    @Test("among many is written or found to be there already, whatever its neighbours are")
    func many() async throws {
        let database = try await ResultDatabase()
        let first = (0..<500).map { _ in database.record() }
        #expect(try await database.results.record(first).allSatisfy(\.self))
        var unfit = database.record()
        unfit.result = Array(String(repeating: "[", count: 20_000).utf8)
        let second = [unfit] + (0..<499).map { _ in database.record() }
        let written = try await database.results.record(first.suffix(250) + second)
        #expect(written == Array(repeating: false, count: 250) + Array(repeating: true, count: 500))
        let found = try await database.results.fetch((first + second).map(\.id))
        #expect((first + second).allSatisfy { found[$0.id] == $0 })
    }

    @Test("without retention is not written")
    func noRetention() async throws {
        let database = try await ResultDatabase()
        #expect(try await database.results.record([database.record(retention: .zero)]) == [false])
        #expect(try await database.text("SELECT count(*)::text FROM taskqueue_results") == "0")
    }

    @Test("that somebody waits for is told of, no other is", arguments: [1, 500])
    func told(others: Int) async throws {
        let database = try await ResultDatabase(isReal: true)
        let (awaited, others) = (database.record(), (0..<others).map { _ in database.record() })
        let (rings, ring) = AsyncStream.makeStream(of: Void.self)
        let subscription = database.results.onResult(of: [awaited.id]) { ring.yield() }
        try await eventually("the server knows of the wait") {
            try await database.text("SELECT count(*)::text FROM taskqueue_waits") == "1"
        }
        _ = try await database.results.record(others + [awaited])
        var iterator = rings.makeAsyncIterator()
        #expect(await iterator.next() != nil)
        subscription.end()
        try await eventually("the server has forgotten the wait") {
            try await database.text("SELECT count(*)::text FROM taskqueue_waits") == "0"
        }
    }
}
