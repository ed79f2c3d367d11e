import Redis
import TestSupport
import Testing

@Suite("A cluster", .serialized, .timeLimit(.minutes(4)))
struct ClusterTests {
    @Test("holds each key on its node, and a pipeline's replies come in its order")
    func spread() async throws {
        let servers = try await RedisClusterServers.start()
        let client = try RedisClient(to: servers.url)
        let writes = (0..<500).map { RedisCommand("SET", .string("key\($0)"), RedisArgument($0)) }
        #expect(try await client.pipeline(writes).allSatisfy { $0 == .simple("OK") })
        let reads = (0..<500).map { RedisCommand("GET", .string("key\($0)")) }
        #expect(try await client.pipeline(reads).map(\.integer) == (0..<500).map { Int64($0) })
        var sizes: [Int] = []
        for master in servers.masters { sizes.append(try #require(Int(try await master.cli("DBSIZE")))) }
        #expect(sizes.reduce(0, +) == 500)
        #expect(sizes.allSatisfy { $0 > 100 })
        #expect(try await client.send("PING").string == "PONG")
    }

    @Test("runs scripts whose keys share a tag, loading them on each node when it does not know them")
    func scripts() async throws {
        let servers = try await RedisClusterServers.start()
        let client = try RedisClient(to: servers.url)
        let script = RedisScript("return redis.call('INCRBY', KEYS[1], ARGV[1]) + redis.call('INCRBY', KEYS[2], 1)")
        for round in 1...2 {
            try await withThrowingTaskGroup(of: Int64?.self) { group in
                for tag in 0..<100 {
                    let keys: [RedisArgument] = [.string("{\(tag)}a"), .string("{\(tag)}b")]
                    group.addTask { try await client.evaluate(script, keys: keys, arguments: [10]).integer }
                }
                for try await sum in group { #expect(sum == Int64(11 * round)) }
            }
        }
        let error = try await client.failure("MSET", "a", 1, "b", 2)
        #expect(error.code == .server("CROSSSLOT"))
    }

    @Test("whose slot moves under traffic fails no command and runs each once")
    func migration() async throws {
        let servers = try await RedisClusterServers.start()
        let client = try RedisClient(to: servers.url) { $0.commandTimeout = .seconds(60) }
        let traffic = try await ClusterTraffic(client)
        let counted = Task { try await traffic.run(callers: 16) }
        // Slot 12182, where {foo} belongs, begins at the third master and travels round.
        let ring = [2, 0, 1, 2].map { servers.masters[$0] }
        for (source, target) in zip(ring, ring.dropFirst()) {
            try await servers.move(slot: 12_182, from: source, to: target)
        }
        traffic.stop()
        let sent = try await counted.value
        #expect(try await traffic.total() == sent)
        print("measured: \(sent) increments during three moves of a slot, none failed")
    }

    @Test("one of whose masters is restarted loses nothing, and other nodes' keys are served meanwhile")
    func restart() async throws {
        let servers = try await RedisClusterServers.start()
        let client = try RedisClient(to: servers.url) { $0.commandTimeout = .seconds(60) }
        try await client.send("SET", "foo", 1)
        try await client.send("SET", "bar", 1)
        await servers.masters[2].kill()
        // Not in the killed master's range of slots, and the cluster has not noticed yet.
        #expect(try await client.send("GET", "bar").integer == 1)
        let waiting = Task { try await client.send("INCR", "foo") }
        try await servers.masters[2].restart()
        switch await waiting.result {
        case .success(let reply): #expect(reply == .integer(2))
        case .failure(let error): #expect((error as? RedisError)?.maybeExecuted == true)
        }
        #expect(try #require(try await client.send("GET", "foo").integer) >= 1)
    }

    @Test("one of whose masters dies goes on with its replica")
    func failOver() async throws {
        let servers = try await RedisClusterServers.start()
        let replica = try await servers.addReplica(of: servers.masters[2])
        let log = EventLog()
        let client = try RedisClient(to: servers.url) {
            $0.commandTimeout = .seconds(60)
        } onEvent: {
            log.note($0)
        }
        try await client.send("SET", "foo", 1)
        try await eventually("the replica has it") { try await replica.cli("DBSIZE") == "1" }
        await servers.masters[2].kill()
        let start = ContinuousClock.now
        // Read-only, so that it may be repeated; a call on its way when the master died ends with the connection.
        var value = try? await client.send("GET", "foo")
        if value == nil { value = try await client.send("GET", "foo") }
        print("measured: cluster fail-over in \(start.duration(to: .now)), node timeout 1 s")
        #expect(value?.integer == 1)
        #expect(log.addresses.contains(replica.address))
        try await client.send("SET", "foo", 2)
        #expect(try await client.send("GET", "foo").integer == 2)
    }

    @Test("lets a subscriber hear what is published at any node, and go on when its node dies")
    func subscriber() async throws {
        let servers = try await RedisClusterServers.start()
        let client = try RedisClient(to: servers.url)
        let subscriber = try RedisSubscriber(to: servers.url)
        var news = try await subscriber.stream(of: "news").makeAsyncIterator()
        for (index, master) in servers.masters.enumerated() {
            try await master.cli("PUBLISH", "news", String(index))
            #expect(await news.next() == .message(Array(String(index).utf8)))
        }
        await servers.masters[0].kill()
        // Seeds are tried in turn, so the first connection went to the first master.
        #expect(await news.next() == .gap)
        try await servers.masters[1].cli("PUBLISH", "news", "x")
        #expect(await news.next() == .message([120]))
        await client.close()
        #expect(try await client.failure("PING").code == .closed)
    }

    @Test("opens a dedicated connection at the node of its key, wherever it has moved")
    func dedicated() async throws {
        let servers = try await RedisClusterServers.start()
        let client = try RedisClient(to: servers.url)
        let first = try await client.dedicatedConnection(for: "foo")
        #expect(first.address == servers.masters[2].address)
        try await servers.move(slot: 12_182, from: servers.masters[2], to: servers.masters[0])
        let second = try await client.dedicatedConnection(for: "foo")
        #expect(second.address == servers.masters[0].address)
        let wait = Task { try await second.send(RedisCommand("BLPOP", "foo", 60), timeout: .seconds(70)) }
        try await client.send("RPUSH", "foo", "x")
        #expect(try await wait.value.array?.last == .bytes([120]))
    }

    @Test("that is none is told as such at once")
    func noCluster() async throws {
        let server = try await RedisServer.start()
        let client = try RedisClient(to: "redis+cluster://\(server.address)") { $0.commandTimeout = .seconds(600) }
        let error = try await client.failure("GET", "a")
        #expect(error.code == .configuration)
        #expect(error.message.hasPrefix("\(server.address) is not part of a cluster"))
    }

    @Test("none of whose nodes answers is told in time, with the reason")
    func nobody() async throws {
        let port = try FreePort.next()
        let log = EventLog()
        let client = try RedisClient(to: "redis+cluster://127.0.0.1:\(port)") {
            $0.commandTimeout = .seconds(1)
        } onEvent: {
            log.note($0)
        }
        #expect(try await client.failure("GET", "a").code == .unavailable)
        let reason =
            "no node could describe the cluster: 127.0.0.1:\(port) refused the connection: nothing listens there"
        #expect(try await log.firstFailure().message == reason)
    }
}
