/// A worker as the broker sees it.
public struct WorkerStatus: Hashable, Sendable, Encodable {
    /// The worker's id.
    public var worker: String
    /// How many deliveries it holds.
    public var holding: Int
    /// When its lease lapses unless it is renewed.
    public var leaseExpiresAt: Timestamp
    /// What it last said of itself; nil if it has not yet, or is of a version that does not.
    public var report: WorkerReport?

    private enum CodingKeys: String, CodingKey {
        case worker, holding
        case leaseExpiresAt = "lease_expires_at"
    }

    /// Describes a worker; drivers make these.
    public init(worker: String, holding: Int, leaseExpiresAt: Timestamp, report: WorkerReport? = nil) {
        self.worker = worker
        self.holding = holding
        self.leaseExpiresAt = leaseExpiresAt
        self.report = report
    }

    /// Writes the status and the report's members as one JSON object.
    public func encode(to encoder: any Encoder) throws {
        try report?.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(worker, forKey: .worker)
        try container.encode(holding, forKey: .holding)
        try container.encode(leaseExpiresAt, forKey: .leaseExpiresAt)
    }
}
