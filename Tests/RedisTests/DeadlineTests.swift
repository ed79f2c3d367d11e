import Redis
import TestSupport
import Testing

@Suite("Deadlines and cancellation", .serialized, .timeLimit(.minutes(2)))
struct DeadlineTests {
    @Test("a command into a black hole ends with a timeout, and the next connection works")
    func blackHole() async throws {
        let server = try await RedisServer.start()
        let proxy = try await FaultProxy.start(for: server.address)
        let client = try RedisClient(to: proxy.url) { $0.commandTimeout = .milliseconds(300) }
        try await client.ready()
        try await client.send("SET", "a", 1)
        try await proxy.set(.blackHole)
        let error = try await client.failure("INCR", "a")
        #expect(error.code == .timeout)
        #expect(error.maybeExecuted)
        #expect(error.description == "\(proxy.address) did not answer in time; it may or may not have been executed")
        try await proxy.set(.pass)
        try await client.ready()
        let value = try await client.send("GET", "a")
        #expect(value.integer == 1)
    }

    @Test("all callers of a frozen server are told, and served once it goes on")
    func frozen() async throws {
        let server = try await RedisServer.start()
        let client = try RedisClient(to: server.url) { $0.commandTimeout = .milliseconds(300) }
        try await client.ready()
        server.pause()
        let codes = try await withThrowingTaskGroup(of: RedisError.Code.self) { group in
            for _ in 0..<100 { group.addTask { try await client.failure("PING").code } }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(codes == [.timeout])
        // The kernel still accepts connections for the frozen server; none becomes usable.
        #expect(try await client.failure("PING").code == .unavailable)
        server.resume()
        try await client.ready()
    }

    @Test("an idle connection that went dead is found out and replaced without a caller's help")
    func idle() async throws {
        let server = try await RedisServer.start()
        let proxy = try await FaultProxy.start(for: server.address)
        let client = try RedisClient(to: proxy.url) {
            $0.commandTimeout = .milliseconds(300)
            $0.idleInterval = .milliseconds(100)
        }
        try await client.ready()
        try await proxy.set(.blackHole)
        try await eventually("the dead connection was replaced") { proxy.accepted > 1 }
        try await proxy.set(.pass)
        try await client.ready()
    }

    @Test("who can't have a connection in time hears why")
    func nobodyThere() async throws {
        let port = try FreePort.next()
        let reasons = [
            "redis://127.0.0.1:\(port)": "127.0.0.1:\(port) refused the connection: nothing listens there",
            "unix:///no/such.sock": "unix:/no/such.sock does not exist: no server has opened this socket",
            "redis://no-such-host.invalid": "the name no-such-host.invalid was not found",
        ]
        for (url, reason) in reasons {
            let log = EventLog()
            let client = try RedisClient(to: url) {
                $0.commandTimeout = .milliseconds(200)
            } onEvent: {
                log.note($0)
            }
            _ = try await client.failure("PING")
            _ = try await log.firstFailure()
            let error = try await client.failure("PING")
            #expect(error.code == .unavailable)
            #expect(!error.maybeExecuted)
            #expect(error.message.contains("no connection to Redis in time: \(reason)"))
        }
    }

    @Test("a cancelled caller leaves at once, and later replies stay in step")
    func cancelled() async throws {
        let server = try await RedisServer.start()
        let client = try RedisClient(to: server.url)
        try await client.ready()
        server.pause()
        let call = Task { try await client.failure("ECHO", "first") }
        let other = Task { try await client.send("ECHO", "second") }
        call.cancel()
        let error = try await call.value
        #expect(error.code == .cancelled)
        server.resume()
        #expect(try await other.value.string == "second")
        #expect(try await client.send("ECHO", "third").string == "third")
    }

    @Test("a caller cancelled before sending sends nothing")
    func neverSent() async throws {
        let server = try await RedisServer.start()
        let client = try RedisClient(to: server.url)
        try await client.ready()
        let call = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await client.failure("SET", "a", 1)
        }
        call.cancel()
        let error = try await call.value
        #expect(error.code == .cancelled)
        #expect(!error.maybeExecuted)
        #expect(try await client.send("EXISTS", "a").integer == 0)
    }

    @Test("a caller cancelled while waiting for a connection leaves at once")
    func cancelledWithoutConnection() async throws {
        let client = try RedisClient(to: "redis://127.0.0.1:\(try FreePort.next())") {
            $0.commandTimeout = .seconds(600)
        }
        let call = Task { try await client.failure("PING") }
        call.cancel()
        #expect(try await call.value.code == .cancelled)
    }

    @Test("a closed client lets replies that are due come, then refuses")
    func closed() async throws {
        let server = try await RedisServer.start()
        let client = try RedisClient(to: server.url)
        try await client.ready()
        server.pause()
        let due = Task { try await client.send("ECHO", "due") }
        try await Task.sleep(for: .milliseconds(20))
        let closing = Task { await client.close() }
        server.resume()
        #expect(try await due.value.string == "due")
        await closing.value
        #expect(try await client.failure("PING").code == .closed)
        await client.close()
    }
}
