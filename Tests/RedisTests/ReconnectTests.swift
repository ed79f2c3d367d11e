import NIOCore
import Redis
import TestSupport
import Testing

@Suite("A lost connection", .serialized, .timeLimit(.minutes(3)))
struct ReconnectTests {
    @Test("1,000 times in a row is replaced each time, and a caller hears of nothing else")
    func killed() async throws {
        let server = try await RedisServer.start()
        let log = EventLog()
        let client = try RedisClient(to: server.url) {
            $0.backOffMinimum = .milliseconds(1)
            // A busy machine may take long over one of a thousand.
            ($0.connectTimeout, $0.commandTimeout) = (.seconds(30), .seconds(60))
        } onEvent: {
            log.note($0)
        }
        let killer = try RedisClient(to: server.url)
        let kills = Task {
            while log.connected <= 1000 {
                let before = log.connected
                try await killer.send("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
                try await eventually("the client is back") { log.connected > before }
            }
        }
        var longest = Duration.zero
        var failures: [RedisError.Code: Int] = [:]
        while log.connected <= 1000 {
            try Task.checkCancellation()
            let start = ContinuousClock.now
            do {
                try await client.send("PING")
            } catch let error as RedisError {
                failures[error.code, default: 0] += 1
            }
            longest = max(longest, start.duration(to: .now))
        }
        try await kills.value
        print("measured: 1,000 reconnections, longest PING \(longest), failures \(failures)")
        #expect(Set(failures.keys).isSubset(of: [.connectionLost]))
        #expect(try await client.send("PING").string == "PONG")
    }

    @Test("by a restart is replaced, and what was not sent is sent then")
    func restart() async throws {
        let server = try await RedisServer.start("appendonly yes", "appendfsync always")
        let client = try RedisClient(to: server.url) { $0.commandTimeout = .seconds(60) }
        try await client.send("SET", "a", 1)
        await server.kill()
        // The connection is known to be gone once a call fails or waits; this one waits for the server's return.
        let call = Task { try await client.send("INCR", "b") }
        try await server.restart()
        switch await call.result {
        case .success(let reply): #expect(reply == .integer(1))
        case .failure(let error): #expect((error as? RedisError)?.code == .connectionLost)
        }
        #expect(try await client.send("GET", "a").integer == 1)
    }

    @Test(
        "is told as what it was",
        arguments: [
            (FaultProxy.Mode.halfClose, "closed the connection"), (.reset, "the connection"),
            (.refuse, "closed the connection"),
        ])
    func spoiled(_ mode: FaultProxy.Mode, _ words: String) async throws {
        let server = try await RedisServer.start()
        let proxy = try await FaultProxy.start(for: server.address)
        let log = EventLog()
        let client = try RedisClient(to: proxy.url) {
            $0.commandTimeout = .seconds(30)
        } onEvent: {
            log.note($0)
        }
        try await client.send("PING")
        server.pause()
        let before = proxy.received
        let call = Task { try await client.failure("PING") }
        // It is on its way to a server that will not answer.
        try await eventually("the command has left") { proxy.received > before }
        try await proxy.set(mode)
        let error = try await call.value
        #expect(error.code == .connectionLost)
        #expect(error.maybeExecuted)
        #expect(error.message.contains(words), "\(error)")
        server.resume()
        try await proxy.set(.pass)
        try await client.ready()
        #expect(log.ends.first?.code == .connectionLost)
    }

    @Test("is not what a slow network makes: answers byte by byte are put together")
    func drip() async throws {
        let server = try await RedisServer.start()
        let proxy = try await FaultProxy.start(for: server.address)
        let client = try RedisClient(to: proxy.url)
        try await client.send("SET", "a", .string(String(repeating: "x", count: 300)))
        try await proxy.set(.drip(.microseconds(500)))
        #expect(try await client.send("GET", "a").bytes?.count == 300)
        try await proxy.set(.delay(.milliseconds(30)))
        #expect(try await client.send("STRLEN", "a").integer == 300)
        #expect(proxy.accepted == 1)
    }

    @Test("by a peer that accepts and hangs up is not retried without a pause")
    func hangUp() async throws {
        let server = try await RedisServer.start()
        let proxy = try await FaultProxy.start(for: server.address)
        try await proxy.set(.reset)
        let client = try RedisClient(to: proxy.url) {
            $0.commandTimeout = .milliseconds(500)
            $0.backOffMinimum = .milliseconds(100)
            $0.backOffMaximum = .milliseconds(100)
        }
        let start = ContinuousClock.now
        #expect(try await client.failure("PING").code == .unavailable)
        // Pauses are at least half of 100 ms; a slow machine makes them longer, never more.
        let attempts = proxy.accepted
        #expect(Double(attempts) <= start.duration(to: .now) / .milliseconds(50) + 1)
    }

    @Test(
        "because the peer is no Redis is told as such",
        arguments: ["HTTP/1.1 400 Bad Request\r\n\r\n", "+OK\r\n+OK\r\n", "$4611686018427387904\r\n"])
    func notRedis(_ answer: String) async throws {
        let noise = try await NoiseServer.start(saying: answer)
        let log = EventLog()
        let client = try RedisClient(to: noise.url) {
            $0.commandTimeout = .seconds(2)
        } onEvent: {
            log.note($0)
        }
        _ = try? await client.send("PING")
        try await eventually("it is found out") {
            (log.failures + log.ends).contains { $0.code == .protocolViolation }
        }
    }
}
