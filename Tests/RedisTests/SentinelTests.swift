import Redis
import TestSupport
import Testing

@Suite("Sentinels", .serialized, .timeLimit(.minutes(5)))
struct SentinelTests {
    @Test("lead to the new master when the old one dies, and away from the old one when it returns")
    func failOver() async throws {
        let servers = try await RedisSentinels.start(password: "hush")
        let log = EventLog()
        let client = try RedisClient(to: "redis+sentinel://:hush@\(servers.place)") {
            $0.commandTimeout = .seconds(60)
        } onEvent: {
            log.note($0)
        }
        try await client.send("SET", "a", 1)
        #expect(try await client.send("WAIT", 1, 30_000).integer == 1)
        #expect(log.addresses == [servers.master.address])
        await servers.master.kill()
        let start = ContinuousClock.now
        var value = try? await client.send("INCR", "a")
        if value == nil { value = try await client.send("INCR", "a") }
        print("measured: sentinel fail-over in \(start.duration(to: .now)), down-after 2 s")
        #expect(value == .integer(2))
        #expect(log.addresses.last == servers.replica.address)
        try await servers.forgiveLateAnswers()
        try await servers.master.restart()
        try await eventually(within: .seconds(180), "the old master follows the new one") {
            await servers.master.role("-a", "hush", "--no-auth-warning") == "slave"
        }
        #expect(try await client.send("INCR", "a") == .integer(3))
        #expect(log.addresses.last == servers.replica.address)
    }

    @Test("that are switched over on purpose take the client with them")
    func switchOver() async throws {
        let servers = try await RedisSentinels.start()
        let client = try RedisClient(to: "redis+sentinel://\(servers.place)") { $0.commandTimeout = .seconds(60) }
        try await client.send("SET", "a", 0)
        try await eventually("the fail-over is accepted") {
            (try? await servers.sentinels[0].cli("SENTINEL", "FAILOVER", "mine")) == "OK"
        }
        try await eventually("the replica is the master") {
            _ = try? await client.send("INCR", "a")
            return await servers.replica.role() == "master"
        }
        try await eventually("the client writes to the new master") {
            guard let value = try? await client.send("INCR", "a").integer else { return false }
            return try await servers.replica.cli("GET", "a") == String(value)
        }
    }

    @Test("of which most are dead still lead to the master")
    func deadSentinels() async throws {
        let servers = try await RedisSentinels.start()
        await servers.sentinels[0].kill()
        servers.sentinels[1].pause()
        let client = try RedisClient(to: "redis+sentinel://\(servers.place)") { $0.commandTimeout = .seconds(60) }
        try await client.send("SET", "a", 1)
        #expect(try await servers.master.cli("GET", "a") == "1")
    }

    @Test("that do not know the name say so")
    func unknown() async throws {
        let servers = try await RedisSentinels.start()
        let place = servers.place.replacing("/mine", with: "/yours")
        let log = EventLog()
        let client = try RedisClient(to: "redis+sentinel://\(place)") {
            $0.commandTimeout = .seconds(1)
        } onEvent: {
            log.note($0)
        }
        #expect(try await client.failure("PING").code == .unavailable)
        #expect(try await log.firstFailure().message.hasPrefix("no sentinel knows the master \"yours\""))
    }

    @Test("lead a subscriber to the new master")
    func subscriber() async throws {
        let servers = try await RedisSentinels.start()
        let subscriber = try RedisSubscriber(to: "redis+sentinel://\(servers.place)")
        var news = try await subscriber.stream(of: "news").makeAsyncIterator()
        await servers.master.kill()
        #expect(await news.next() == .gap)
        #expect(try await servers.replica.cli("PUBLISH", "news", "x") == "1")
        #expect(await news.next() == .message([120]))
    }
}
