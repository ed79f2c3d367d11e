internal import NIOCore
internal import Synchronization

/// What callers want sent and the event loop has not taken yet.
///
/// Callers on all threads write their commands here; the loop takes everything at once, so that many small commands
/// share one system call.
final class Outbox: Sendable {
    /// Commands and who waits for their replies, in the same order.
    struct Batch {
        var bytes: ByteBuffer
        var waiters: [ReplyWaiter] = []
    }

    private struct State {
        var batch: Batch
        var isCollectionDue = false
        var end: RedisError?
    }

    private let state = Mutex(State(batch: Outbox.emptyBatch()))

    /// Adds commands; true if the event loop has to be told to collect.
    /// - Throws: Why the outbox is closed; nothing was added then.
    func add(_ commands: [RedisCommand], _ waiter: ReplyWaiter) throws(RedisError) -> Bool {
        let result: Result<Bool, RedisError> = state.withLock { state in
            if let end = state.end { return .failure(end) }
            for command in commands { state.batch.bytes.write(command) }
            state.batch.waiters.append(waiter)
            defer { state.isCollectionDue = true }
            return .success(!state.isCollectionDue)
        }
        return try result.get()
    }

    /// Takes everything; nil if there is nothing.
    func collect() -> Batch? {
        let fresh = Self.emptyBatch()
        return state.withLock { state in
            state.isCollectionDue = false
            guard !state.batch.waiters.isEmpty else { return nil }
            defer { state.batch = fresh }
            return state.batch
        }
    }

    /// Refuses all further commands; the first reason given stays.
    func close(_ reason: RedisError) {
        state.withLock { $0.end = $0.end ?? reason }
    }

    private static func emptyBatch() -> Batch {
        Batch(bytes: ByteBufferAllocator().buffer(capacity: 4096))
    }
}
