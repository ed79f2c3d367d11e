public import TaskQueue

/// Something that orchestrators ask how it is.
public protocol Probed: Sendable {
    /// Why it only looks alive, as one sentence; nil while it is alive.
    var deathSentence: String? { get }
    /// Why it takes no new work, as one sentence; nil while it does.
    var unreadiness: String? { get }
}

extension Worker: Probed {
    /// See ``WorkerHealth/deathSentence``.
    public var deathSentence: String? { health.deathSentence }
    /// See ``WorkerHealth/unreadiness``.
    public var unreadiness: String? { health.unreadiness }
}
