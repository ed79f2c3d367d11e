public import ArgumentParser
import TaskQueue

/// A duration as people type it: `500ms`, `10s`, `5m`, `2h`, `1d`; a bare number is seconds.
public struct DurationArgument: ExpressibleByArgument, Hashable, Sendable {
    /// The duration.
    public let duration: Duration

    /// Reads a duration; nil if it is none or longer than ten years.
    public init?(argument text: String) {
        guard let duration = Duration(typed: text) else { return nil }
        self.duration = duration
    }
}

extension DurationArgument {
    /// A default.
    public init(_ duration: Duration) {
        self.duration = duration
    }

    /// As it would be typed, for help texts.
    public var defaultValueDescription: String {
        let milliseconds = duration.wholeMilliseconds
        return milliseconds.isMultiple(of: 1000) ? "\(milliseconds / 1000)s" : "\(milliseconds)ms"
    }
}
