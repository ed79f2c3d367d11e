import Foundation

/// Where programs complain.
enum StandardError {
    /// Writes, if it can.
    ///
    /// A full disk or a reader that has gone away must not take a worker down, and there is nowhere to tell of it.
    static func write(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }
}
