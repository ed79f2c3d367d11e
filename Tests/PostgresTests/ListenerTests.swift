import Logging
import Postgres
import TestSupport
import Testing

@Suite("A listener", .timeLimit(.minutes(1)))
struct ListenerTests {
    @Test("hears notifications, says where there is a gap, and hears again after its connection was ended")
    func hears() async throws {
        let configuration = try await SharedPostgres.database()
        let channel = "test_\(UInt64.random(in: .min ... .max))"
        let (events, heard) = AsyncStream.makeStream(of: PostgresListener.Event.self)
        let listener = PostgresListener(configuration, channels: [channel], logger: LogBook().logger()) {
            heard.yield($0)
        }
        let pool = PostgresPool(configuration, logger: LogBook().logger())
        var iterator = events.makeAsyncIterator()
        #expect(await iterator.next() == .gap)
        try await pool.execute("SELECT pg_notify($1, 'one')", [.text(channel)])
        #expect(await iterator.next() == .message(channel: channel, payload: "one"))
        try await pool.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'LISTEN ' || $1", [.text(channel)])
        #expect(await iterator.next() == .gap)
        try await pool.execute("SELECT pg_notify($1, 'two')", [.text(channel)])
        #expect(await iterator.next() == .message(channel: channel, payload: "two"))
        withExtendedLifetime(listener) {}
    }

    @Test("lets go of its connection when it is let go of")
    func ends() async throws {
        let configuration = try await SharedPostgres.database()
        let channel = "test_\(UInt64.random(in: .min ... .max))"
        let pool = PostgresPool(configuration, logger: LogBook().logger())
        let ready = Signal()
        var listener: PostgresListener? = PostgresListener(
            configuration, channels: [channel], logger: LogBook().logger()
        ) { _ in ready.fire() }
        await ready.wait()
        withExtendedLifetime(listener) {}
        listener = nil
        try await eventually("the connection is gone") {
            try await pool.execute(
                "SELECT 1 FROM pg_stat_activity WHERE query = 'LISTEN ' || $1", [.text(channel)]
            ).isEmpty
        }
    }
}
