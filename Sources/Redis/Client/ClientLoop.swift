internal import NIOCore
internal import NIOPosix

/// The event loop on which all connections of a client live.
///
/// As a `TaskExecutor` it runs tasks there, which then find replies at hand without waking another thread.
final class ClientLoop: TaskExecutor, Sendable {
    let eventLoop: any EventLoop = MultiThreadedEventLoopGroup.singleton.next()

    /// Runs one job of a Swift task; called by the runtime.
    func enqueue(_ job: consuming ExecutorJob) {
        let unowned = UnownedJob(job)
        eventLoop.execute { [self] in unowned.runSynchronously(on: asUnownedTaskExecutor()) }
    }
}

extension ClientLoop: Hashable {
    static func == (left: ClientLoop, right: ClientLoop) -> Bool { left === right }

    func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(self))
    }
}
