import Synchronization

/// A result store in this process's memory: the reference for what the others do.
public final class MemoryResultStore: ResultStore {
    /// A box, so that a growing dictionary moves pointers and not whole records.
    private final class Kept {
        let record: TaskRecord

        init(_ record: TaskRecord) {
            self.record = record
        }
    }

    private struct State {
        var records: [TaskID: Kept] = [:]
        var listeners: [TaskID: [Int: @Sendable () -> Void]] = [:]
        var lastNumber = 0
    }

    private let state = Mutex(State())
    private let clock: StoreClock

    /// Makes an empty store.
    public init(clock: StoreClock = .wall) {
        self.clock = clock
    }

    /// See ``ResultStore/record(_:)``.
    public func record(_ records: [TaskRecord]) async throws(ResultError) -> [Bool] {
        for record in records where !record.state.isFinal {
            throw StoreError(.invalidRequest, "task \(record.id) is \(record.state.rawValue), which is not final")
        }
        let (written, bells) = state.withLock { state in
            var bells: [@Sendable () -> Void] = []
            let written = records.map { record in
                guard state.records[record.id] == nil else { return false }
                state.records[record.id] = Kept(record)
                bells += state.listeners[record.id].map { Array($0.values) } ?? []
                return true
            }
            return (written, bells)
        }
        for bell in bells { bell() }
        return written
    }

    /// See ``ResultStore/fetch(_:)``.
    public func fetch(_ ids: [TaskID]) async throws(ResultError) -> [TaskID: TaskRecord] {
        let now = clock.now
        return state.withLock { state in
            ids.reduce(into: [:]) { found, id in
                if let record = state.records[id]?.record, !record.isPastRetention(at: now) { found[id] = record }
            }
        }
    }

    /// See ``ResultStore/list(_:)``.
    public func list(_ filter: TaskFilter) async throws(ResultError) -> [TaskRecord] {
        let now = clock.now
        return state.withLock { state in
            let found = state.records.values.lazy.map(\.record)
                .filter { filter.includes($0) && !$0.isPastRetention(at: now) }
            return Array(found.sorted { $0.id > $1.id }.prefix(filter.limit))
        }
    }

    /// See ``ResultStore/prune()``.
    public func prune() async throws(ResultError) -> Int {
        let now = clock.now
        return state.withLock { state in
            let kept = state.records.filter { !$0.value.record.isPastRetention(at: now) }
            defer { state.records = kept }
            return state.records.count - kept.count
        }
    }

    /// See ``ResultStore/onResult(of:_:)``.
    public func onResult(of ids: [TaskID], _ listener: @escaping @Sendable () -> Void) -> Subscription {
        let number = state.withLock { state in
            state.lastNumber += 1
            for id in ids { state.listeners[id, default: [:]][state.lastNumber] = listener }
            return state.lastNumber
        }
        return Subscription { [weak self] in
            self?.state.withLock { state in
                for id in ids {
                    state.listeners[id]?[number] = nil
                    if state.listeners[id]?.isEmpty == true { state.listeners[id] = nil }
                }
            }
        }
    }
}

extension TaskRecord {
    /// Whether a final record has been kept for as long as it should be.
    public func isPastRetention(at now: Timestamp) -> Bool {
        finishedAt.map { $0 + retention <= now } ?? false
    }
}
