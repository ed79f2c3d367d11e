/// Keeps final records until their retention ends: what PostgreSQL, SQLite and memory each implement.
///
/// The contract is the test suite `ResultStoreContract`, run over every driver.
public protocol ResultStore: Sendable {
    /// Writes final records, all or none. A task that already has one keeps it: the first is the truth.
    /// - Returns: For each record whether it was written (false: an earlier one stands).
    func record(_ records: [TaskRecord]) async throws(ResultError) -> [Bool]

    /// The final records of these ids; ids never seen or past their retention are absent.
    func fetch(_ ids: [TaskID]) async throws(ResultError) -> [TaskID: TaskRecord]

    /// Final records, newest id first.
    func list(_ filter: TaskFilter) async throws(ResultError) -> [TaskRecord]

    /// Removes records whose retention has ended.
    /// - Returns: How many.
    func prune() async throws(ResultError) -> Int

    /// Calls the listener whenever one of these tasks may have become final. A call may be missed.
    func onResult(of ids: [TaskID], _ listener: @escaping @Sendable () -> Void) -> Subscription
}
