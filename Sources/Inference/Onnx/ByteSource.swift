import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The bytes of a model: in memory, or in a file of which only what is asked for is read.
///
/// The file is not mapped: a mapped file that somebody shortens kills the process that reads it.
final class ByteSource: Sendable {
    /// A part of the file that was read last.
    private struct Window {
        var start = 0
        var bytes: [UInt8] = []
    }

    static let bytesMax = 1 << 32
    private static let windowSize = 1 << 16

    let count: Int
    private let memory: [UInt8]
    /// Open until the last reference is gone; negative for bytes in memory.
    private let descriptor: Int32
    private let window = Mutex(Window())

    init(_ bytes: [UInt8]) {
        memory = bytes
        count = bytes.count
        descriptor = -1
    }

    /// Opens a file; throws `modelMissing` when it cannot be read.
    init(path: String) throws(InferenceError) {
        // O_NONBLOCK: a pipe of that name must not make the caller wait.
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        var status = stat()
        guard file >= 0, fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            if file >= 0 { close(file) }
            throw ByteSource.missing(path, file < 0 ? "it cannot be opened" : "it is no regular file")
        }
        guard status.st_size <= ByteSource.bytesMax else {
            close(file)
            throw ByteSource.missing(
                path, "it has \(status.st_size) bytes and at most \(ByteSource.bytesMax) are read")
        }
        memory = []
        count = Int(status.st_size)
        descriptor = file
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// One byte; nil when the file is shorter than it was.
    func byte(at position: Int) -> UInt8? {
        if descriptor < 0 { return memory[position] }
        return window.withLock { window in
            if !(window.start..<window.start + window.bytes.count).contains(position) {
                window.start = position
                let wanted = min(ByteSource.windowSize, count - position)
                window.bytes = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, filled in
                    filled = read(position, wanted, UnsafeMutableRawPointer(buffer.baseAddress))
                }
            }
            return window.bytes.isEmpty ? nil : window.bytes[position - window.start]
        }
    }

    /// Copies bytes; false when the file is shorter than it was.
    func copy(_ range: Range<Int>, to target: UnsafeMutableRawPointer) -> Bool {
        guard descriptor < 0 else { return read(range.lowerBound, range.count, target) == range.count }
        memory.withUnsafeBytes { bytes in
            if let start = bytes.baseAddress {
                target.copyMemory(from: start + range.lowerBound, byteCount: range.count)
            }
        }
        return true
    }

    private func read(_ position: Int, _ wanted: Int, _ target: UnsafeMutableRawPointer?) -> Int {
        var done = 0
        while done < wanted, let target {
            let got = pread(descriptor, target + done, wanted - done, off_t(position + done))
            if got < 0, errno == EINTR { continue }
            if got <= 0 { break }
            done += got
        }
        return done
    }

    private static func missing(_ path: String, _ cause: String) -> InferenceError {
        InferenceError(
            .modelMissing, what: "The model cannot be read", place: path.excerpt, cause: cause,
            remedy: "Check the file and its permissions")
    }
}
