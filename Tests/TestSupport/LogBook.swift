package import Logging
import Synchronization

/// Everything that was logged, with its metadata.
package final class LogBook: Sendable {
    package struct Line: Sendable {
        package let level: Logger.Level
        package let text: String
    }

    private struct State {
        var lines: [Line] = []
        var awaited: [(words: String, signal: Signal)] = []
    }

    private let state = Mutex(State())

    package init() {}

    package var lines: [Line] { state.withLock { $0.lines } }

    package func logger() -> Logger {
        Logger(label: "test") { _ in Handler(book: self) }
    }

    /// Waits until a line begins with these words.
    package func wait(for words: String) async {
        let signal = Signal()
        let isThere = state.withLock { state in
            state.awaited.append((words, signal))
            return state.lines.contains { $0.text.hasPrefix(words) }
        }
        if !isThere { await signal.wait() }
    }

    private func add(_ line: Line) {
        let heard = state.withLock { state in
            state.lines.append(line)
            return state.awaited.filter { line.text.hasPrefix($0.words) }.map(\.signal)
        }
        for signal in heard { signal.fire() }
    }

    private struct Handler: LogHandler {
        let book: LogBook
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = metadata.merging(event.metadata ?? [:]) { $1 }
            book.add(Line(level: event.level, text: "\(event.message) \(all)"))
        }
    }
}
