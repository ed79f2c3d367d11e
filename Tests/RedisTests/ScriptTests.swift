import Redis
import TestSupport
import Testing

@Suite("Scripts", .serialized, .timeLimit(.minutes(2)))
struct ScriptTests {
    private let script = RedisScript("redis.call('INCRBY', KEYS[1], ARGV[1]) return {KEYS[1], ARGV[1]}")

    @Test("a script is loaded when the server does not know it, also after a restart, and runs once per call")
    func reload() async throws {
        let server = try await RedisServer.start("appendonly yes", "appendfsync always")
        let client = try RedisClient(to: server.url)
        for round in 1...3 {
            let reply = try await client.evaluate(script, keys: ["key"], arguments: [5])
            #expect(reply == .array([.bytes(Array("key".utf8)), .bytes([53])]))
            #expect(try await client.send("GET", "key").integer == Int64(5 * round))
            try await server.restart()
            try await client.ready()
        }
    }

    @Test("many callers may need the script at the same time")
    func concurrent() async throws {
        let server = try await RedisServer.start()
        let client = try RedisClient(to: server.url)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<200 {
                group.addTask { _ = try await client.evaluate(script, keys: ["key"], arguments: [1]) }
            }
            try await group.waitForAll()
        }
        #expect(try await client.send("GET", "key").integer == 200)
    }

    @Test("a script that fails half-way may have written, and says so")
    func halfWay() async throws {
        let server = try await RedisServer.start()
        let client = try RedisClient(to: server.url)
        let broken = RedisScript("redis.call('SET', KEYS[1], 1) return redis.call('GET')")
        let error = try await #require(throws: RedisError.self) {
            _ = try await client.evaluate(broken, keys: ["key"])
        }
        #expect(error.maybeExecuted)
        #expect(try await client.send("GET", "key").integer == 1)
    }
}
