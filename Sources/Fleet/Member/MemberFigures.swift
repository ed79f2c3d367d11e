import Foundation

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

    /// The memory that this process has in use, from `/proc`; nil where there is none.
    public static func ownResidentBytes() -> Int? {
        // See proc_pid_statm(5): the second number is resident pages.
        guard let data = FileManager.default.contents(atPath: "/proc/self/statm") else { return nil }
        let fields = String(decoding: data, as: UTF8.self).split(separator: " ")
        return fields.dropFirst().first.flatMap { Int($0) }.map { $0 * max(sysconf(Int32(_SC_PAGESIZE)), 1) }
    }
}
