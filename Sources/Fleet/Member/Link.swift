import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// Lines of text between a supervisor and a worker process, over a socket that only these two hold.
///
/// Its end is how each learns that the other is gone, however it ended.
final class Link: Sendable {
    private let descriptor: CInt

    /// Takes over a descriptor.
    init(descriptor: CInt) {
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// Two ends of one link, the second for a child process; no other program inherits either.
    /// - Throws: `POSIXError` if there is no descriptor left.
    static func pair() throws -> (own: Link, theirs: CInt) {
        var ends: [CInt] = [-1, -1]
        #if canImport(Glibc)
            let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        #else
            let kind = SOCK_STREAM
        #endif
        guard unsafe socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EMFILE)
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (Link(descriptor: ends[0]), ends[1])
    }

    /// Sends a line if there is room for it and somebody at the other end.
    func send(_ line: [UInt8]) {
        let bytes = line + [UInt8(ascii: "\n")]
        #if canImport(Glibc)
            let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
        #else
            let flags = MSG_DONTWAIT
        #endif
        _ = unsafe Foundation.send(descriptor, bytes, bytes.count, flags)
    }

    /// Listens on a thread of its own, which nobody else can keep busy, until the other end is gone.
    func listen(onLine: @escaping @Sendable ([UInt8]) -> Void, onEnd: @escaping @Sendable () -> Void) {
        let thread = Thread { [self] in
            var rest: [UInt8] = []
            while let bytes = receive(), rest.count + bytes.count <= Self.lineMax {
                rest += bytes
                while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                    onLine(Array(rest[..<end]))
                    rest.removeSubrange(...end)
                }
            }
            onEnd()
        }
        thread.name = "tq-link"
        thread.stackSize = 256 << 10
        thread.start()
    }

    /// Waits for bytes; nil at the end.
    private func receive() -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
            if count > 0 { return Array(buffer.prefix(count)) }
            guard count < 0, errno == EINTR else { return nil }
        }
    }

    /// Longer lines are not ours.
    private static let lineMax = 4 << 20
}
