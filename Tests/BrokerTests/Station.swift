import Broker
import Logging
import Redis
import TaskQueue
import TestSupport

/// What one process of a fleet has of its Redis: connections, a broker, a result store, a lease.
struct Station {
    let redis: RedisClient
    let broker: any TaskBroker
    let results: any ResultStore
    let lease: WorkerLease
    let prefix: String

    /// - Parameters:
    ///   - clock: Nil for the server's own.
    ///   - tune: Changes deadlines and the like.
    init(
        _ url: String, prefix: String = "tq", as worker: String = "worker-a", lease: Duration = .seconds(10),
        limits: BrokerLimits = BrokerLimits(), clock: ManualClock? = nil,
        tune: (inout RedisConfiguration) -> Void = { _ in }
    ) throws {
        var configuration = try RedisConfiguration(url: url)
        tune(&configuration)
        self.init(
            RedisClient(configuration, logger: .silent), prefix: prefix,
            as: WorkerLease(worker: worker, duration: lease), limits: limits, clock: clock)
    }

    private init(
        _ redis: RedisClient, prefix: String, as lease: WorkerLease, limits: BrokerLimits, clock: ManualClock?
    ) {
        self.redis = redis
        self.prefix = prefix
        self.lease = lease
        broker = RedisBroker(
            redis, recordsOutcomes: true, prefix: prefix, limits: limits, clock: clock?.clock, logger: .silent)
        results = RedisResultStore(redis, prefix: prefix, clock: clock?.clock, logger: .silent)
    }

    /// A station on the server that all tests share, with keys of its own.
    static func shared(limits: BrokerLimits = BrokerLimits(), clock: ManualClock? = nil) async throws -> Station {
        Station(
            try await SharedRedis.client(), prefix: "tq-\(UInt64.random(in: .min ... .max))",
            as: WorkerLease(worker: "worker-a"), limits: limits, clock: clock)
    }

    var client: TaskClient { TaskClient(broker: broker, results: results) }

    /// The name of one of a queue's keys, such as `:tasks`.
    func key(_ book: String, of queue: String = "default") -> RedisArgument {
        .string("\(prefix):{\(queue)}\(book)")
    }

    /// The key of a final record.
    func resultKey(of id: TaskID, in queue: String = "default") -> RedisArgument {
        .bytes(Array("\(prefix):{\(queue)}:result:".utf8) + id.bytes)
    }

    /// Sends what one would type.
    @discardableResult
    func send(_ name: String, _ arguments: RedisArgument...) async throws -> RedisValue {
        try await redis.send(RedisCommand(name, arguments))
    }

    @discardableResult
    func enqueue(
        _ task: String = "work", queue: String = "default", _ change: (inout TaskMessage) -> Void = { _ in }
    ) async throws -> TaskID {
        var message = TaskMessage(task: task, queue: queue, payload: Array(#"{"text":""}"#.utf8))
        change(&message)
        _ = try await broker.enqueue([message])
        return message.id
    }

    func exchange(
        _ settlements: [Settlement] = [], claiming count: Int = 0, tasks: Set<String> = ["work"],
        queues: Set<String>? = nil
    ) async throws -> Exchange {
        let claim = count > 0 ? Claim(count: count, tasks: tasks, queues: queues) : nil
        return try await broker.exchange(settlements, claiming: claim, as: lease)
    }

    func claim(
        _ count: Int = 100, tasks: Set<String> = ["work"], queues: Set<String>? = nil
    ) async throws -> [Delivery] {
        try await exchange(claiming: count, tasks: tasks, queues: queues).deliveries
    }

    /// What settles deliveries as done.
    func successes(_ deliveries: [Delivery], retention: Duration? = nil) -> [Settlement] {
        deliveries.map { delivery in
            var record = TaskRecord(settling: delivery, as: .success, at: delivery.claimedAt, worker: lease.worker)
            record.result = Array("true".utf8)
            if let retention { record.retention = retention }
            return Settlement(delivery, .finish(record))
        }
    }

    /// How many tasks stand anywhere in the queues.
    func live() async throws -> Int {
        try await broker.queues().reduce(0) { $0 + $1.ready + $1.scheduled + $1.processing }
    }

    /// A worker in this process.
    func worker(
        _ handlers: any TaskHandler..., change: (inout WorkerConfiguration) -> Void = { _ in }
    ) -> Worker {
        var registry = TaskRegistry()
        for handler in handlers { registry.register(handler) }
        var configuration = WorkerConfiguration()
        change(&configuration)
        return Worker(
            broker: broker, results: results, registry: registry, configuration: configuration, logger: .silent)
    }
}

/// Tries again for as long as the broker can't be reached.
func insisting<Value>(_ body: () async throws -> Value) async throws -> Value {
    while true {
        do {
            return try await body()
        } catch let error as StoreError where error.code == .unavailable {
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}

extension Logger {
    /// Says nothing.
    static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}
