import Assembly
import Foundation

/// Reads a file or standard input line by line, with a limit on a line's length.
final class LineReader {
    private let handle: FileHandle
    private var buffer = Data()
    private var isAtEnd = false

    /// Longer than any input that a broker takes.
    private static let lineBytesMax = 64 << 20
    private static let chunkBytes = 1 << 18

    /// Opens a file; `-` is standard input.
    init(path: String) throws(FileMissing) {
        if path == "-" {
            handle = .standardInput
        } else {
            guard let handle = FileHandle(forReadingAtPath: path) else { throw FileMissing(path: path) }
            self.handle = handle
        }
    }

    /// The next line without its end; nil after the last.
    func next() throws -> [UInt8]? {
        while true {
            if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                defer { buffer = buffer[buffer.index(after: end)...] }
                return Array(buffer[..<end])
            }
            if isAtEnd {
                defer { buffer = Data() }
                return buffer.isEmpty ? nil : Array(buffer)
            }
            guard buffer.count < Self.lineBytesMax else {
                throw SettingsError("a line is longer than \(Self.lineBytesMax) bytes; expected one JSON object a line")
            }
            let chunk = try handle.read(upToCount: Self.chunkBytes) ?? Data()
            isAtEnd = chunk.isEmpty
            buffer = Data(buffer) + chunk
        }
    }
}
