/// How a worker process ended.
public enum MemberEnd: Hashable, Sendable, CustomStringConvertible {
    /// By itself, with this code.
    case exited(Int32)
    /// By this signal.
    case signaled(Int32)
    /// It could not be started at all.
    case notStarted(String)

    /// Whether it ended as a worker does that was drained.
    public var isGood: Bool { self == .exited(0) }

    /// A few words.
    public var description: String {
        switch self {
        case .exited(let code): "exit status \(code)"
        case .signaled(let number): "signal \(number)"
        case .notStarted(let why): "not started: \(why)"
        }
    }
}
