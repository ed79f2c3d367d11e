import Broker
import Logging
import Postgres
import Redis
import Results
import TaskQueue
import TestSupport
import Testing

@Suite("The outbox", .timeLimit(.minutes(2)))
struct OutboxTests {
    private struct Place {
        let database: ResultDatabase
        let broker: RedisBroker
        let relay: OutboxRelay

        init(
            limits: BrokerLimits = BrokerLimits(),
            logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        ) async throws {
            database = try await ResultDatabase(isReal: true)
            broker = RedisBroker(
                try await SharedRedis.client(), recordsOutcomes: false,
                prefix: "tq-\(UInt64.random(in: .min ... .max))", limits: limits, logger: logger)
            relay = OutboxRelay(database.pool, to: broker, results: database.results, logger: logger)
        }

        func run(_ sql: String) async throws {
            try await database.pool.use { (connection) throws(PostgresError) in try connection.script(sql) }
        }

        var waiting: Int {
            get async throws {
                Int(try await database.text("SELECT count(*)::text FROM taskqueue_outbox") ?? "") ?? -1
            }
        }

        /// How many are with the broker, and how many in the outbox.
        var books: [Int] { get async throws { [try await ready, try await waiting] } }

        var ready: Int { get async throws { try await broker.queues().reduce(0) { $0 + $1.ready } } }
    }

    @Test("gives to the broker what was committed, and nothing of what was not")
    func commit() async throws {
        let place = try await Place()
        try await place.run(
            """
            BEGIN; INSERT INTO taskqueue_outbox (task) VALUES ('undone'); ROLLBACK;
            BEGIN; INSERT INTO taskqueue_outbox (task, payload, queue, priority, headers, unique_key)
                VALUES ('work', '{"a": [1, 2]}', 'q', 9, '{"tenant": "t"}', 'k'); COMMIT
            """)
        #expect(try await place.relay.relay() == 1)
        #expect(try await place.waiting == 0)
        let claim = Claim(count: 10, tasks: ["work", "undone"])
        let deliveries = try await place.broker.exchange([], claiming: claim, as: WorkerLease(worker: "w")).deliveries
        let message = try #require(deliveries.first?.message)
        #expect(deliveries.count == 1 && message.task == "work" && message.queue == "q")
        #expect(String(decoding: message.payload, as: UTF8.self) == #"{"a":[1,2]}"#)
        #expect(message.priority == .highest && message.headers == ["tenant": "t"] && message.uniqueKey == "k")
    }

    @Test("takes typed messages from a program's own transaction")
    func typed() async throws {
        let place = try await Place()
        var message = TaskMessage(task: "work", payload: Array("{}".utf8))
        message.maxRetries = 7
        let sent = message
        try await place.database.pool.use { (connection) throws(PostgresError) in
            try connection.transaction { (connection) throws(PostgresError) in
                try Outbox.add([sent], on: connection)
            }
        }
        try await place.relay.relay()
        let claim = Claim(count: 10, tasks: ["work"])
        let deliveries = try await place.broker.exchange([], claiming: claim, as: WorkerLease(worker: "w")).deliveries
        #expect(deliveries.map(\.message) == [sent])
    }

    @Test("moves by itself, told by the database")
    func byItself() async throws {
        let place = try await Place()
        let running = Task { await place.relay.run() }
        for number in 1...3 {
            try await place.run("INSERT INTO taskqueue_outbox (task) SELECT 'work' FROM generate_series(1, 1500)")
            try await eventually("all are with the broker") { try await place.ready == 1500 * number }
        }
        try await eventually("the outbox is empty") { try await place.waiting == 0 }
        running.cancel()
        await running.value
    }

    @Test("enqueues once what a relay enqueued before it crashed, live or ended")
    func crash() async throws {
        let place = try await Place()
        try await place.run(
            """
            INSERT INTO taskqueue_outbox (task) VALUES ('work'), ('work');
            CREATE FUNCTION crash() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'crash'; END $$;
            CREATE TRIGGER crash BEFORE DELETE ON taskqueue_outbox EXECUTE FUNCTION crash()
            """)
        // It enqueues, and dies before it can remove them from the outbox.
        await #expect(throws: StoreError.self) { try await place.relay.relay() }
        #expect(try await place.books == [2, 2])
        let lease = WorkerLease(worker: "w")
        let claim = Claim(count: 1, tasks: ["work"])
        let delivery = try #require(try await place.broker.exchange([], claiming: claim, as: lease).deliveries.first)
        let record = TaskRecord(settling: delivery, as: .success, at: .now, worker: "w")
        _ = try await place.database.results.record([record])
        _ = try await place.broker.exchange([Settlement(delivery, .finish(record))], claiming: nil, as: lease)
        // The next one finds one of them live and the other ended.
        try await place.run("DROP TRIGGER crash ON taskqueue_outbox; UPDATE taskqueue_outbox SET claimed_until = NULL")
        #expect(try await place.relay.relay() == 2)
        #expect(try await place.books == [1, 0])
    }

    @Test("is shared by relays without one task moved twice")
    func concurrent() async throws {
        let place = try await Place()
        try await place.run("INSERT INTO taskqueue_outbox (task) SELECT 'work' FROM generate_series(1, 5000)")
        let moved = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<8 { group.addTask { try await place.relay.relay() } }
            return try await group.reduce(0, +)
        }
        while try await place.relay.relay() > 0 {}
        #expect(moved == 5000)
        #expect(try await place.books == [5000, 0])
    }

    @Test("keeps what the broker will never take, with the reason, and what it has no room for now")
    func refused() async throws {
        let place = try await Place(limits: BrokerLimits(payloadBytesMax: 100, queueLengthMax: 1))
        try await place.run(
            """
            INSERT INTO taskqueue_outbox (task, payload) VALUES ('work', to_jsonb(repeat('x', 200)));
            INSERT INTO taskqueue_outbox (task, message) VALUES ('work', 'no message');
            INSERT INTO taskqueue_outbox (task) VALUES ('work'), ('work')
            """)
        try await place.relay.relay()
        #expect(try await place.ready == 1)
        #expect(
            try await place.database.text("SELECT count(*)::text FROM taskqueue_outbox WHERE refusal IS NOT NULL")
                == "2")
        #expect(try await place.waiting == 3)
    }
    @Test("goes on past what spoils the call that it is part of, and says where that stands")
    func spoilt() async throws {
        let log = LogBook()
        let place = try await Place(logger: log.logger())
        try await place.run(
            """
            INSERT INTO taskqueue_outbox (task) SELECT 'work' FROM generate_series(1, 10);
            INSERT INTO taskqueue_outbox (task, payload) VALUES ('', '"secret"'), (repeat('x', 256), '"secret"');
            INSERT INTO taskqueue_outbox (task) SELECT 'work' FROM generate_series(1, 10)
            """)
        #expect(try await place.relay.relay() == 22)
        #expect(try await place.books == [20, 2])
        let refused = try await place.database.text(
            "SELECT string_agg(position::text, ' ' ORDER BY position) FROM taskqueue_outbox WHERE refusal ~ 'name'")
        #expect(refused == "11 12")
        for position in 11...12 {
            #expect(
                log.lines.contains { $0.text.contains("enqueued") && $0.text.contains("\"position\": \(position)") })
        }
        #expect(!log.lines.contains { $0.text.contains("secret") })
        // Once refused, it is not tried again.
        try await place.run("UPDATE taskqueue_outbox SET claimed_until = NULL")
        #expect(try await place.relay.relay() == 0)
    }
}
