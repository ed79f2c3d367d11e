import Foundation
import Synchronization
import TaskQueue

#if os(Linux)
    import Glibc
#else
    import Darwin
#endif

/// A file beside the database whose only use is to be touched: how one process tells the others that there is news.
///
/// Whoever commits news writes one byte; the kernel (inotify on Linux, kqueue elsewhere) wakes those who watch, within
/// microseconds and without polling. A missed wake-up (a crash between commit and touch) costs no task: idle workers
/// look once a second all the same.
final class WakeFile: Sendable {
    private let path: String
    private let descriptor: Int32
    private let listeners = Listeners()
    private let watcher = Mutex<FileWatcher?>(nil)

    init(path: String) throws(StoreError) {
        self.path = path
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw StoreError(.readOnly, "\(path): could not be opened: \(String(cString: strerror(errno)))")
        }
    }

    deinit {
        close(descriptor)
    }

    /// Tells everyone: this process's listeners at once, other processes through the kernel.
    func touch() {
        var byte: UInt8 = 1
        // A full or failing disk must not undo what was just committed; watchers look again within a second anyway.
        _ = pwrite(descriptor, &byte, 1, 0)
        listeners.notify()
    }

    /// Adds a listener; watching starts with the first.
    func listen(_ listener: @escaping @Sendable () -> Void) -> Subscription {
        let subscription = listeners.add(listener)
        watcher.withLock { watcher in
            guard watcher == nil else { return }
            watcher = FileWatcher(path: path) { [listeners] in listeners.notify() }
        }
        return subscription
    }
}
