/// What a worker says of itself whenever it renews its lease.
///
/// Kept beside the lease and gone with it. Members may be added, as optional ones: workers of two versions share a fleet
/// during every deploy.
public struct WorkerReport: Hashable, Sendable, Codable {
    /// An attempt that runs.
    public struct Running: Hashable, Sendable, Codable {
        /// The task.
        public var id: TaskID
        /// Its kind of work.
        public var task: String
        /// Its queue.
        public var queue: String
        /// When the attempt began.
        public var since: Timestamp

        /// Describes an attempt.
        public init(id: TaskID, task: String, queue: String, since: Timestamp) {
            self.id = id
            self.task = task
            self.queue = queue
            self.since = since
        }
    }

    /// The worker's name, which several may share.
    public var name = ""
    /// The machine it runs on; nil if it does not know.
    public var host: String?
    /// The number of its process there.
    public var pid: Int?
    /// The version of its program.
    public var version: String?
    /// The queues it serves, sorted; nil for all.
    public var queues: [String]?
    /// How many attempts may run at once.
    public var slots = 0
    /// How many run.
    public var running = 0
    /// How many deliveries it holds: those that run, a batch counted whole, and those that do not yet.
    public var held = 0
    /// How many of them have not started.
    public var waiting = 0
    /// How many slots were taken from attempts that go on regardless; nil if it does not count them.
    public var abandoned: Int?
    /// Whether it claims nothing any more.
    public var isDraining = false
    /// Memory in use; nil if it can't be told.
    public var residentBytes: Int?
    /// What it runs, the longest running first, no more than ``tasksMax``.
    public var tasks: [Running] = []
    /// How many seconds a task takes up its slot, on average, by queue.
    public var serviceSeconds: [String: Double] = [:]
    /// The queues of which a task has ended since the report before.
    ///
    /// Their service times are news. Not written.
    public var timedQueues: Set<String> = []
    /// When the worker started.
    public var startedAt: Timestamp
    /// When this was so.
    public var reportedAt: Timestamp

    /// No more running attempts than these are named.
    public static let tasksMax = 16

    private enum CodingKeys: String, CodingKey {
        case name, host, pid, version, queues, slots, running, held, waiting, abandoned, tasks
        case isDraining = "draining"
        case residentBytes = "rss_bytes"
        case serviceSeconds = "mean_service_seconds"
        case startedAt = "started_at"
        case reportedAt = "reported_at"
    }

    /// The service times that a store should keep with the queues: an idle worker's are older than others'.
    package var newServiceSeconds: [String: Double] { serviceSeconds.filter { timedQueues.contains($0.key) } }

    /// Describes a worker that does nothing yet.
    public init(startedAt: Timestamp, reportedAt: Timestamp) {
        self.startedAt = startedAt
        self.reportedAt = reportedAt
    }
}
