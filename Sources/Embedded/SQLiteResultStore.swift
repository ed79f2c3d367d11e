import GRDB
public import TaskQueue

/// Final records in an SQLite file.
public struct SQLiteResultStore: ResultStore {
    private let file: SQLiteFile

    /// Keeps records in this file.
    public init(_ file: SQLiteFile) {
        self.file = file
    }

    /// See ``ResultStore/record(_:)``.
    public func record(_ records: [TaskRecord]) async throws(ResultError) -> [Bool] {
        for record in records where !record.state.isFinal {
            throw StoreError(.invalidRequest, "task \(record.id) is \(record.state.rawValue), which is not final")
        }
        let now = file.clock.now
        let written = try await file.write("record results") { db in
            try records.map { try SQLiteResults.record($0, db, at: now) }
        }
        file.done.touch()
        return written
    }

    /// See ``ResultStore/fetch(_:)``.
    public func fetch(_ ids: [TaskID]) async throws(ResultError) -> [TaskID: TaskRecord] {
        let now = file.clock.now
        return try await file.read("read results") { try SQLiteResults.fetch(ids, $0, at: now) }
    }

    /// See ``ResultStore/list(_:)``.
    public func list(_ filter: TaskFilter) async throws(ResultError) -> [TaskRecord] {
        let now = file.clock.now
        return try await file.read("list results") { try SQLiteResults.list(filter, $0, at: now) }
    }

    /// See ``ResultStore/prune()``.
    public func prune() async throws(ResultError) -> Int {
        let now = file.clock.now
        var removed = 0
        // In portions, so that a day's worth of results does not hold the write lock for seconds.
        while !Task.isCancelled {
            let count = try await file.write("remove expired results") { try SQLiteResults.prune($0, at: now) }
            removed += count
            if count < SQLiteResults.prunedMax { break }
        }
        return removed
    }

    /// See ``ResultStore/onResult(of:_:)``.
    ///
    /// Called for any result: the file does not say whose.
    public func onResult(of ids: [TaskID], _ listener: @escaping @Sendable () -> Void) -> Subscription {
        file.done.listen(listener)
    }
}
