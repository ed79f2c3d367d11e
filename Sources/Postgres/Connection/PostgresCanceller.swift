internal import Blocking
internal import CLibPQ
internal import Synchronization

/// Asks the server to stop what a connection is doing, from any thread.
///
/// The request names the connection, not the statement, and travels by a connection of its own; so a connection that
/// was cancelled is not used again. Unchecked, because libpq allows `PQcancel` from any thread while the handle lives.
final class PostgresCanceller: @unchecked Sendable {
    private let handle: OpaquePointer?
    private let requested = Mutex(false)

    /// Requests block, so they have a thread of their own.
    private static let thread = BlockingPool(label: "tq-pgcancel", threads: 1)

    init(_ connection: OpaquePointer) {
        handle = PQgetCancel(connection)
    }

    deinit {
        PQfreeCancel(handle)
    }

    /// Whether somebody asked.
    var wasRequested: Bool { requested.withLock(\.self) }

    /// Asks, once, without waiting.
    func cancel() {
        let isFirst = requested.withLock { requested in
            defer { requested = true }
            return !requested
        }
        guard isFirst, handle != nil else { return }
        Task(executorPreference: Self.thread) { self.request() }
    }

    private func request() {
        var words = [CChar](repeating: 0, count: 256)
        // If it fails the server does the work in vain; the connection is given up in any case.
        _ = PQcancel(handle, &words, Int32(words.count))
    }
}
