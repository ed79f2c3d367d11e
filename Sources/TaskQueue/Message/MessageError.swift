/// Why bytes are not a message.
///
/// Says which field, never what stood in it.
public enum MessageError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Written by a newer TaskQueue; a worker of that version will take it.
    case newerVersion(UInt64)
    /// A field that every message has is not there.
    case missing(field: String)
    /// A field is there but holds something else.
    case malformed(field: String)
    /// The bytes end in the middle of a field.
    case truncated

    /// One sentence for people.
    public var description: String {
        switch self {
        case .newerVersion(let version):
            "message format \(version) is newer than this worker's \(MessageCodec.version); update the worker"
        case .missing(let field): "the message has no field '\(field)'"
        case .malformed(let field): "the message's field '\(field)' does not hold what it should"
        case .truncated: "the message's bytes end in the middle of a field"
        }
    }
}
