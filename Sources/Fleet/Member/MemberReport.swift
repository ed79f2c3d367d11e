/// What a worker process tells its supervisor about itself.
public struct MemberReport: Codable, Hashable, Sendable {
    /// Whether it has reached its broker and takes work.
    public var isReady: Bool
    /// How many attempts run.
    public var busy: Int
    /// Why it should be replaced, if it should.
    public var recycle: RestartReason?

    /// Describes a worker.
    public init(isReady: Bool, busy: Int, recycle: RestartReason? = nil) {
        self.isReady = isReady
        self.busy = busy
        self.recycle = recycle
    }
}
