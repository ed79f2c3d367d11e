import Foundation
import Redis
import TestSupport
import Testing

@Suite("Callers that share a connection", .serialized, .timeLimit(.minutes(2)))
struct PipelineTests {
    @Test("1,000 of them get their own replies, even if some give up")
    func inStep() async throws {
        let server = try await RedisServer.start()
        let client = try RedisClient(to: server.url)
        let answered = await withTaskGroup(of: Int.self) { group in
            for caller in 0..<1000 {
                group.addTask {
                    var right = 0
                    for round in 0..<10 {
                        let text = "\(caller)-\(round)"
                        let call = Task { try await client.send("ECHO", .string(text)).string == text }
                        if (caller + round) % 7 == 0 { call.cancel() }
                        switch await call.result {
                        case .success(let isRight): right += isRight ? 1 : -1_000_000
                        case .failure(let error): right += (error as? RedisError)?.code == .cancelled ? 1 : -1_000_000
                        }
                    }
                    return right
                }
            }
            return await group.reduce(0, +)
        }
        #expect(answered == 10_000)
        #expect(try await client.send("ECHO", "last").string == "last")
        #expect(try await server.cli("INFO", "clients").contains("connected_clients:2\n"))
    }

    @Test("a pipeline's replies come in its order, refusals among them")
    func order() async throws {
        let server = try await RedisServer.start()
        let client = try RedisClient(to: server.url)
        let replies = try await client.pipeline([
            RedisCommand("RPUSH", "list", 1, 2), RedisCommand("GET", "list"), RedisCommand("LRANGE", "list", 0, -1),
        ])
        #expect(replies.count == 3)
        #expect(replies[0] == .integer(2))
        guard case .error(let refusal) = replies[1] else { throw Unexpected(reply: replies[1]) }
        #expect(refusal.prefix == "WRONGTYPE")
        #expect(replies[2] == .array([.bytes([49]), .bytes([50])]))
        #expect(try await client.pipeline([]) == [])
    }

    @Test("replies of many megabytes arrive whole, small ones between them")
    func large() async throws {
        let server = try await RedisServer.start()
        let client = try RedisClient(to: server.url)
        let large = Data.random(megabytes: 5)
        try await client.send("SET", "large", .bytes(Array(large)))
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for index in 0..<20 {
                group.addTask { try await client.send("GET", "large").bytes.map { Data($0) } == large }
                group.addTask { try await client.send("ECHO", RedisArgument(index)).integer == Int64(index) }
            }
            for try await isRight in group { #expect(isRight) }
        }
    }

    @Test("a reply beyond the limit costs its connection, with the reason; the next one works")
    func limit() async throws {
        let server = try await RedisServer.start()
        let client = try RedisClient(to: server.url) { $0.replyLimit = 1 << 20 }
        try await client.send("SET", "large", .bytes([UInt8](repeating: 1, count: 2 << 20)))
        let error = try await client.failure("GET", "large")
        #expect(error.code == .protocolViolation)
        #expect(error.maybeExecuted)
        #expect(error.message.contains("longer than the limit of 1048576 bytes"))
        #expect(try await client.send("STRLEN", "large").integer == 2 << 20)
    }

    @Test("every kind of reply is what the server meant")
    func kinds() async throws {
        let server = try await RedisServer.start()
        let client = try RedisClient(to: server.url)
        #expect(try await client.send("GET", "nothing") == .null)
        #expect(try await client.send("SET", "a", .bytes([0, 255])) == .simple("OK"))
        #expect(try await client.send("GET", "a") == .bytes([0, 255]))
        #expect(try await client.send("INCRBY", "n", -5) == .integer(-5))
        #expect(try await client.send("LRANGE", "none", 0, -1) == .array([]))
        #expect(try await client.failure("NOSUCH", "hush").code == .server("ERR"))
        let socket = try RedisClient(to: "unix://\(server.socket)")
        #expect(try await socket.send("GET", "n") == .bytes(Array("-5".utf8)))
    }
}

extension Data {
    /// Bytes without a pattern; compared at once, unlike an array's, one by one without optimisation.
    fileprivate static func random(megabytes: Int) -> Data {
        var random = SeededGenerator(seed: 1)
        var data = Data()
        for _ in 0..<megabytes << 17 { Swift.withUnsafeBytes(of: random.next()) { data.append(contentsOf: $0) } }
        return data
    }
}

/// A reply of a kind that a test can't go on with.
struct Unexpected: Error {
    let reply: RedisValue
}
