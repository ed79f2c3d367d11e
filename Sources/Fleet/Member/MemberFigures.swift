/// What speaks for or against keeping a worker process.
public struct MemberFigures: Hashable, Sendable {
    /// How long it has run.
    public var age: Duration
    /// How many attempts ended in it.
    public var ended: Int
    /// Memory in use, in bytes; nil if it can't be told.
    public var residentBytes: Int?
    /// How many attempts were abandoned.
    public var abandoned: Int

    /// Describes a process.
    public init(age: Duration, ended: Int, residentBytes: Int? = nil, abandoned: Int = 0) {
        self.age = age
        self.ended = ended
        self.residentBytes = residentBytes
        self.abandoned = abandoned
    }
}
