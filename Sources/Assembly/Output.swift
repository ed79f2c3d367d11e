import Foundation
import TaskQueue

/// What commands print: results on standard output, everything else on standard error.
public enum Output {
    /// A line of result.
    ///
    /// A reader that has gone away (`| head`) ends the program, as the signal for it would.
    public static func line(_ text: String) {
        do {
            try FileHandle.standardOutput.write(contentsOf: Data((text + "\n").utf8))
        } catch {
            exit(128 + SIGPIPE)
        }
    }

    /// Whether a person reads the results, and not a program or a file.
    public static var isRead: Bool { isatty(FileHandle.standardOutput.fileDescriptor) == 1 }

    /// A result as one line of JSON.
    public static func json(_ value: some Encodable) {
        do throws(PayloadError) {
            line(String(decoding: try PayloadCodec.encode(value), as: UTF8.self))
        } catch {
            self.error("the answer can't be written as JSON: \(error)")
        }
    }

    /// A complaint.
    public static func error(_ text: String) {
        StandardError.write("error: \(text)\n")
    }

    /// Something to read along, only where a person reads.
    public static func note(_ text: String) {
        if isTerminal { StandardError.write(text + "\n") }
    }

    static var isTerminal: Bool { isatty(FileHandle.standardError.fileDescriptor) == 1 }
}

/// A line on a terminal that rewrites itself; silent elsewhere.
public final class ProgressBar {
    private var isShown = false

    /// Shows nothing yet.
    public init() {}

    /// Replaces the line.
    public func show(_ text: String) {
        guard Output.isTerminal else { return }
        isShown = true
        StandardError.write("\r\u{1B}[K\(text.prefix(100))")
    }

    /// Ends the line.
    public func finish() {
        if isShown { StandardError.write("\r\u{1B}[K") }
        isShown = false
    }
}

/// A file that a command was pointed at and that can't be read.
public struct FileMissing: Error, CustomStringConvertible {
    /// The file.
    public let path: String

    /// Names the file.
    public init(path: String) {
        self.path = path
    }

    /// One sentence.
    public var description: String { "\(path) can't be read; check the path and its mode" }
}
