import Redis
import TestSupport
import Testing

@Suite("A connection of one's own", .serialized, .timeLimit(.minutes(2)))
struct DedicatedConnectionTests {
    @Test("may block while others work, longer than a command may take")
    func blocking() async throws {
        let server = try await RedisServer.start()
        let client = try RedisClient(to: server.url) { $0.commandTimeout = .milliseconds(500) }
        try await client.ready()
        let own = try await client.dedicatedConnection()
        let wait = Task { try await own.send(RedisCommand("BLPOP", "list", 60), timeout: .seconds(70)) }
        try await eventually("the connection blocks") {
            try await server.cli("INFO", "clients").contains("blocked_clients:1\n")
        }
        let start = ContinuousClock.now
        while start.duration(to: .now) < .milliseconds(700) { try await client.send("PING") }
        try await client.send("RPUSH", "list", "x")
        #expect(try await wait.value == .array([.bytes(Array("list".utf8)), .bytes([120])]))
        await own.close()
    }

    @Test("ends with a timeout if the server says nothing beyond the wait")
    func deadline() async throws {
        let server = try await RedisServer.start()
        let client = try RedisClient(to: server.url)
        let own = try await client.dedicatedConnection()
        let error = try await #require(throws: RedisError.self) {
            _ = try await own.send(RedisCommand("BLPOP", "list", 0), timeout: .milliseconds(200))
        }
        #expect(error.code == .timeout)
        let later = try await #require(throws: RedisError.self) { _ = try await own.send(RedisCommand("PING")) }
        #expect(later.code == .connectionLost)
        #expect(!later.maybeExecuted)
    }

    @Test("closes at once when its only caller was cancelled")
    func cancelled() async throws {
        let server = try await RedisServer.start()
        let client = try RedisClient(to: server.url)
        let own = try await client.dedicatedConnection()
        let wait = Task { try await own.send(RedisCommand("BLPOP", "list", 0), timeout: .seconds(3600)) }
        try await eventually("the connection blocks") {
            try await server.cli("INFO", "clients").contains("blocked_clients:1\n")
        }
        wait.cancel()
        let error = try await #require(throws: RedisError.self) { _ = try await wait.value }
        #expect(error.code == .cancelled)
        await own.close()
        try await eventually("the server lets the blocked client go") {
            try await server.cli("INFO", "clients").contains("blocked_clients:0\n")
        }
    }

    @Test("is closed when nobody holds it any more")
    func released() async throws {
        let server = try await RedisServer.start()
        let client = try RedisClient(to: server.url)
        _ = try await client.dedicatedConnection().send(RedisCommand("PING"))
        try await eventually("only redis-cli is connected") {
            try await server.cli("INFO", "clients").contains("connected_clients:1\n")
        }
    }
}
