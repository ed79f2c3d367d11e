import Foundation
import Synchronization
import TaskQueue

/// A worker process's place in a fleet: it tells its supervisor how it is, and hears of the supervisor's end.
public final class Membership: Sendable {
    private let link: Link
    private let last = Mutex<MemberReport?>(nil)

    /// Takes over standard input, which is the link that the supervisor gave this process.
    ///
    /// What the worker's tasks start inherits nothing of it.
    /// - Throws: `POSIXError` if there is no descriptor left.
    public init() throws {
        let descriptor = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
        guard descriptor >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EBADF) }
        link = Link(descriptor: descriptor)
        let nowhere = unsafe open("/dev/null", O_RDONLY)
        guard nowhere >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EBADF) }
        dup2(nowhere, STDIN_FILENO)
        close(nowhere)
    }

    /// Calls once, on a thread of its own, when the supervisor is gone.
    public func onEnd(_ body: @escaping @Sendable () -> Void) {
        link.listen(onLine: { _ in }, onEnd: body)
    }

    /// Tells the supervisor what it does not know yet.
    public func tell(_ report: MemberReport) {
        let isNews = last.withLock { last in
            defer { last = report }
            return last != report
        }
        guard isNews, let line = try? PayloadCodec.encode(report) else { return }
        link.send(line)
    }
}
