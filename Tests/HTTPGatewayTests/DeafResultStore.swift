import TaskQueue

/// Results in memory whose news get lost.
struct DeafResultStore: ResultStore {
    private let store = MemoryResultStore()

    func record(_ records: [TaskRecord]) async throws(ResultError) -> [Bool] { try await store.record(records) }
    func fetch(_ ids: [TaskID]) async throws(ResultError) -> [TaskID: TaskRecord] { try await store.fetch(ids) }
    func list(_ filter: TaskFilter) async throws(ResultError) -> [TaskRecord] { try await store.list(filter) }
    func prune() async throws(ResultError) -> Int { try await store.prune() }

    func onResult(of ids: [TaskID], _ listener: @escaping @Sendable () -> Void) -> Subscription { Subscription {} }
}
