import Foundation
import Synchronization

/// The end of a child process, which comes once.
final class Exit: Sendable {
    /// Fires when the process has ended.
    let signal = Signal()
    private let ended = Mutex<Int32?>(nil)

    /// The exit code, or the negated number of the signal that ended it; nil while it runs.
    var status: Int32? { ended.withLock { $0 } }

    /// Waits on this thread, and keeps the process' number taken until nobody can be signalling it.
    func await(_ pid: pid_t) {
        var info = siginfo_t()
        while waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        ended.withLock { ended in
            var status: Int32 = 0
            while waitpid(pid, &status, 0) < 0, errno == EINTR {}
            ended = status & 0x7f == 0 ? (status >> 8) & 0xff : -(status & 0x7f)
        }
        signal.fire()
    }

    /// Runs the body only if the process still exists.
    func ifRunning(_ body: () -> Int32) {
        ended.withLock { if $0 == nil { _ = body() } }
    }
}
