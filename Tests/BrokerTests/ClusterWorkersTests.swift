import Redis
import TaskQueue
import TestSupport
import Testing

@Suite("A worker whose queues stand on several nodes", .timeLimit(.minutes(2)))
struct ClusterWorkersTests {
    @Test("is shown once, with its report, and gets an order once")
    func workers() async throws {
        let servers = try await RedisClusterServers.start()
        let worker = try Station(servers.url, as: "worker-{a}b}") { $0.connectTimeout = .seconds(5) }
        let operating = try Station(servers.url, as: "operator") { $0.connectTimeout = .seconds(5) }
        let queues: Set = ["a", "b", "c", "d"]
        for queue in queues { try await operating.enqueue("work", queue: queue) }
        let claim = Claim(count: 10, tasks: ["work"], queues: queues)
        #expect(try await worker.broker.exchange([], claiming: claim, as: worker.lease).deliveries.count == 4)
        var report = WorkerReport(startedAt: .now, reportedAt: .now)
        report.slots = 7
        report.serviceSeconds = ["a": 0.5, "d": 2]
        report.timedQueues = ["a", "d"]
        _ = try await worker.broker.renew(worker.lease, progress: [:], report: report)

        let shown = try #require(try await operating.broker.workers().first)
        #expect(shown.worker == worker.lease.worker && shown.holding == 4 && shown.report?.slots == 7)
        let services = try await operating.broker.queues().map(\.meanService)
        #expect(services == [.milliseconds(500), nil, nil, .seconds(2)])

        #expect(try await operating.broker.send(.drain, to: [worker.lease.worker]) == [worker.lease.worker])
        #expect(try await worker.broker.renew(worker.lease, progress: [:]) == [.obey(.drain)])
        #expect(try await worker.broker.renew(worker.lease, progress: [:]).isEmpty)
        try await worker.broker.release(worker.lease)
        #expect(try await operating.broker.workers().isEmpty)
    }

    @Test("what another version said or ordered is passed over")
    func otherVersion() async throws {
        let station = try await Station.shared()
        try await station.enqueue("work")
        let claim = Claim(count: 1, tasks: ["work"])
        #expect(try await station.broker.exchange([], claiming: claim, as: station.lease).deliveries.count == 1)
        let orders = RedisArgument.string("\(station.prefix):orders:{worker-a}")
        try await station.send("SET", .string("\(station.prefix):worker:{worker-a}"), #"{"mood":"good"}"#)
        try await station.send("HSET", station.key(":totals"), "service", "nan")
        for order: RedisArgument in [#"{"dance":true}"#, "no JSON", #"{"slots":3}"#] {
            try await station.send("RPUSH", orders, order)
        }
        #expect(try await station.broker.workers().map(\.report) == [nil])
        #expect(try await station.broker.queues().map(\.meanService) == [nil])
        #expect(try await station.broker.renew(station.lease, progress: [:]) == [.obey(.resize(slots: 3))])
    }

    @Test("leaves nothing in the server when it is gone")
    func nothingLeft() async throws {
        let server = try await RedisServer.start()
        let worker = try Station(server.url, as: "worker")
        try await worker.enqueue("work")
        _ = try await worker.broker.exchange([], claiming: Claim(count: 1, tasks: ["work"]), as: worker.lease)
        let report = WorkerReport(startedAt: .now, reportedAt: .now)
        _ = try await worker.broker.renew(worker.lease, progress: [:], report: report)
        _ = try await worker.broker.send(.resize(slots: 2), to: [worker.lease.worker])
        #expect(try await server.cli("KEYS", "tq:*worker*").contains("tq:worker:"))
        #expect(try await server.cli("KEYS", "tq:*").contains("tq:orders:"))
        try await worker.broker.release(worker.lease)
        let left = try await server.cli("KEYS", "tq:*")
        #expect(!left.contains("tq:worker:") && !left.contains("tq:orders:"))
    }
}
