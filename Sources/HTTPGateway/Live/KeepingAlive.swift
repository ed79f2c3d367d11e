import Blocking
import Synchronization

/// Lets a sequence of events say that it lives whenever it has been silent for a while.
struct KeepingAlive: AsyncSequence, Sendable {
    typealias Element = EventStream.Event

    private let stream: AsyncStream<EventStream.Event>

    /// Wraps a stream; the ticking ends with it.
    /// - Parameter feed: Sends events until there are no more; cancelled when the reader is gone.
    init(
        every interval: Duration,
        _ feed: @escaping @Sendable (AsyncStream<EventStream.Event>.Continuation) async -> Void
    ) {
        let (stream, continuation) = AsyncStream.makeStream(
            of: EventStream.Event.self, bufferingPolicy: .bufferingNewest(64))
        let timer = TimerThread.shared.every(interval) { continuation.yield(.keepAlive) }
        let task = Task {
            await feed(continuation)
            continuation.finish()
        }
        continuation.onTermination = { _ in
            TimerThread.shared.cancel(timer)
            task.cancel()
        }
        self.stream = stream
    }

    func makeAsyncIterator() -> AsyncStream<EventStream.Event>.Iterator {
        stream.makeAsyncIterator()
    }
}
