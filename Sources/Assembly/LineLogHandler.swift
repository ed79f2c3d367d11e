import Foundation
public import Logging
import Synchronization
import TaskQueue

/// Writes log lines to standard error, for people or as one JSON object a line.
public struct LineLogHandler: LogHandler {
    private var ownLevel: Logger.Level?
    private let threshold: LogThreshold
    /// What every line says besides its own.
    public var metadata: Logger.Metadata = [:]
    private let label: String
    private let isJSON: Bool

    /// Makes a handler.
    public init(label: String, threshold: LogThreshold, isJSON: Bool) {
        self.label = label
        self.threshold = threshold
        self.isJSON = isJSON
    }

    /// Lines below this level are dropped: the threshold's, unless the logger was given one of its own.
    public var logLevel: Logger.Level {
        get { ownLevel ?? threshold.level }
        set { ownLevel = newValue }
    }

    /// One value of the metadata.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes a line.
    public func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { _, own in own }
        let line = isJSON ? json(event.level, event.message, all) : text(event.level, event.message, all)
        StandardError.write(line + "\n")
    }

    private func text(_ level: Logger.Level, _ message: Logger.Message, _ metadata: Logger.Metadata) -> String {
        let pairs = metadata.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        // A message holds what users sent; it must not be able to forge a line of its own.
        let safe = "\(message)\(pairs)".map { $0.isNewline ? " " : String($0) }.joined()
        return "\(Timestamp.now) \(level.rawValue.uppercased()) \(safe)"
    }

    private func json(_ level: Logger.Level, _ message: Logger.Message, _ metadata: Logger.Metadata) -> String {
        var object = metadata.mapValues { "\($0)" }
        object["time"] = "\(Timestamp.now)"
        object["level"] = level.rawValue
        object["message"] = "\(message)"
        let bytes =
            (try? PayloadCodec.encode(object)) ?? Array("{\"message\":\"a log line could not be written\"}".utf8)
        return String(decoding: bytes, as: UTF8.self)
    }
}
