import Foundation
import TaskQueue
import Tasks
import TestSupport
import Testing

@Suite("Readings in a file")
struct SQLiteReadingStoreTests {
    private func reading(_ index: Int) -> Reading {
        Reading(
            sensorID: "s", sensorType: "t", tankID: "k", value: 20 + Double(index * 7 % 5),
            timestamp: Timestamp(rawValue: Int64(index) * 1000))
    }

    @Test("statistics outlive the process and are shared with another")
    func shared() async throws {
        let folder = try TemporaryFolder()
        let whole = try SQLiteReadingStore(path: folder.path("whole.sqlite"))
        var expected: [ReadingScore] = []
        for index in 0..<60 { expected += try await whole.store([reading(index)]) }

        // The same readings through a store that is opened anew in the middle, and one beside it.
        let path = folder.path("shared.sqlite")
        var scores: [ReadingScore] = []
        do {
            let first = try SQLiteReadingStore(path: path)
            for index in 0..<25 { scores += try await first.store([reading(index)]) }
        }
        let second = try SQLiteReadingStore(path: path)
        let third = try SQLiteReadingStore(path: path)
        for index in 25..<60 { scores += try await (index % 2 == 0 ? second : third).store([reading(index)]) }
        #expect(scores == expected)
        #expect(scores.last?.expected != nil)
    }

    @Test("two stores on one file at once lose no reading")
    func concurrent() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("readings.sqlite")
        let stores = [try SQLiteReadingStore(path: path), try SQLiteReadingStore(path: path)]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (offset, store) in stores.enumerated() {
                group.addTask {
                    for index in 0..<50 { _ = try await store.store([reading(index * 2 + offset)]) }
                }
            }
            try await group.waitForAll()
        }
        let score = try await stores[0].store([reading(1000)])
        #expect(score.first?.expected?.count == 100)
    }

    @Test("a batch is kept as one, its readings scored one after another")
    func batch() async throws {
        let folder = try TemporaryFolder()
        let single = try SQLiteReadingStore(path: folder.path("single.sqlite"))
        let batched = try SQLiteReadingStore(path: folder.path("batched.sqlite"))
        var expected: [ReadingScore] = []
        for index in 0..<40 { expected += try await single.store([reading(index)]) }
        #expect(try await batched.store((0..<40).map(reading)) == expected)
    }

    @Test("a file that is no database, and a folder, are refused with their path")
    func notADatabase() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("notes.txt")
        try Data(String(repeating: "not a database\n", count: 500).utf8).write(to: URL(filePath: path))
        for wrong in [path, folder.url.path, folder.path("missing/readings.sqlite")] {
            let error = #expect(throws: StoreError.self) { try SQLiteReadingStore(path: wrong) }
            #expect(error?.message.hasPrefix("\(wrong): could not open the readings") == true)
        }
        #expect(try Data(contentsOf: URL(filePath: path)).count == 15 * 500)
    }
}
