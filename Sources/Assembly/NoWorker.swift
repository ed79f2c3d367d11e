/// Workers that were asked for and have no lease.
public struct NoWorker: Error, Hashable, CustomStringConvertible {
    /// Their ids; empty if they were not asked for by id.
    public let ids: [String]

    /// Names them.
    public init(ids: [String]) {
        self.ids = ids
    }

    /// One sentence.
    public var description: String {
        ids.isEmpty
            ? "no such worker has a lease" : "no worker with a lease has the id \(ids.joined(separator: " or "))"
    }
}
