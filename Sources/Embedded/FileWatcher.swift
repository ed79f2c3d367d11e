import Dispatch
import Foundation

#if os(Linux)
    import Glibc

    /// Calls back whenever a file is written, from a thread that blocks in the kernel until then.
    final class FileWatcher: Sendable {
        private let descriptor: Int32
        private let watch: Int32

        /// Starts watching; nil if the kernel has no watches left (`fs.inotify.max_user_instances`), and then the
        /// caller's own fall-back, looking once a second, is all there is.
        init?(path: String, onChange: @escaping @Sendable () -> Void) {
            let descriptor = inotify_init1(Int32(IN_CLOEXEC))
            guard descriptor >= 0 else { return nil }
            let watch = inotify_add_watch(descriptor, path, UInt32(IN_MODIFY))
            guard watch >= 0 else {
                close(descriptor)
                return nil
            }
            self.descriptor = descriptor
            self.watch = watch
            let thread = Thread {
                var buffer = [UInt8](repeating: 0, count: 4096)
                // The thread owns the descriptor: removing the watch sends one last event, on which it closes it.
                while read(descriptor, &buffer, buffer.count) > 0, !Self.isLast(buffer) { onChange() }
                close(descriptor)
            }
            thread.name = "tq-watch"
            thread.start()
        }

        deinit {
            inotify_rm_watch(descriptor, watch)
        }

        /// Whether the first event says that the watch is gone.
        ///
        /// Its mask is the second 32-bit word.
        private static func isLast(_ buffer: [UInt8]) -> Bool {
            let mask = buffer[4..<8].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            return mask & UInt32(IN_IGNORED) != 0
        }
    }
#else
    import Darwin

    /// Calls back whenever a file is written.
    final class FileWatcher: Sendable {
        private let source: any DispatchSourceFileSystemObject

        init?(path: String, onChange: @escaping @Sendable () -> Void) {
            let descriptor = open(path, O_EVTONLY | O_CLOEXEC)
            guard descriptor >= 0 else { return nil }
            source = DispatchSource.makeFileSystemObjectSource(fileDescriptor: descriptor, eventMask: .write)
            source.setEventHandler { onChange() }
            source.setCancelHandler { close(descriptor) }
            source.activate()
        }

        deinit {
            source.cancel()
        }
    }
#endif
