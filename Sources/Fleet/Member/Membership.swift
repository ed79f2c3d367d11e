import Foundation
import Synchronization

/// A worker process's place in a fleet: it tells its supervisor how it is, and hears of the supervisor's end.
public final class Membership: Sendable {
    private let link: Link
    private let last = Mutex<(report: MemberReport, at: ContinuousClock.Instant)?>(nil)

    /// What was told is told again after this, should it not have arrived.
    private static let repetition = Duration.seconds(2)

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

    /// Tells the supervisor how the worker is, if it does not know yet.
    public func tell(_ report: MemberReport) {
        let now = ContinuousClock.now
        let isNews = last.withLock { last in
            if let last, last.report == report, now - last.at < Self.repetition { return false }
            last = (report, now)
            return true
        }
        if isNews { send(.report(report)) }
    }

    /// Tells the supervisor what this process has counted, as a page for Prometheus.
    public func tell(page: String) {
        send(.page(page))
    }

    private func send(_ message: MemberMessage) {
        if let line = message.line { link.send(line) }
    }
}
