import Redis
import TaskQueue
import TestSupport
import Testing

@Suite("Workers over a Redis in trouble", .serialized, .timeLimit(.minutes(3)))
struct OutageTests {
    /// Deadlines as short as a test wants them.
    private static func quick(_ configuration: inout RedisConfiguration) {
        configuration.commandTimeout = .seconds(1)
        configuration.connectTimeout = .milliseconds(500)
        configuration.backOffMaximum = .milliseconds(100)
    }

    private func station(_ url: String, as name: String = "submitter") throws -> Station {
        try Station(url, as: name, tune: Self.quick)
    }

    @Test(
        "lose nothing that it had promised to keep when it is killed and comes back with its append-only file",
        arguments: [("always", Duration.zero), ("everysec", .seconds(2))])
    func killed(_ sync: String, _ window: Duration) async throws {
        let server = try await RedisServer.start("appendonly yes", "appendfsync \(sync)")
        let drill = Drill(try station(server.url))
        // With `everysec` Redis answers before it writes while an earlier flush is slow, for up to two seconds.
        try await drill.survive("kill -9 of Redis, appendfsync \(sync)", window: window) {
            await server.kill()
            try await server.restart()
        }
    }

    @Test("go on when it has forgotten their scripts")
    func forgotten() async throws {
        let server = try await RedisServer.start()
        try await Drill(try station(server.url)).survive("SCRIPT FLUSH") {
            for _ in 0..<20 { try await server.cli("SCRIPT", "FLUSH") }
        }
    }

    @Test("lose nothing when their connections are killed again and again")
    func clientKill() async throws {
        let server = try await RedisServer.start()
        let drill = Drill(try station(server.url))
        try await drill.survive("CLIENT KILL, 50 times") {
            for _ in 0..<50 {
                try await server.cli("CLIENT", "KILL", "TYPE", "normal")
                try await server.cli("CLIENT", "KILL", "TYPE", "pubsub")
            }
        }
    }

    @Test(
        "lose nothing when the network swallows, cuts or refuses",
        arguments: [
            ("black hole", FaultProxy.Mode.blackHole), ("half-closed connections", .halfClose), ("resets", .reset),
            ("refused connections", .refuse),
        ])
    func network(_ name: String, _ mode: FaultProxy.Mode) async throws {
        let server = try await RedisServer.start()
        let proxy = try await FaultProxy.start(for: server.address)
        let worker = try station(proxy.url, as: "worker")
        let submitter = try station(server.url)
        try await Drill(submitter, workers: [worker]).survive(name) {
            let before = proxy.accepted
            try await proxy.set(mode)
            if case .refuse = mode {
                // Nobody is there to count.
                try await eventually("the worker can't exchange") { try await isStuck(submitter) }
            } else {
                try await eventually("the worker has tried anew") { proxy.accepted > before + 1 }
            }
            try await proxy.set(.pass)
        }
    }

    /// True if there is more to do than a worker that works would leave.
    private func isStuck(_ station: Station) async throws -> Bool {
        try await station.broker.queues().contains { $0.ready > 500 }
    }

    @Test("lose nothing when it is frozen for longer than a lease")
    func frozen() async throws {
        let server = try await RedisServer.start()
        let workers = [try station(server.url, as: "a"), try station(server.url, as: "b")]
        let drill = Drill(try station(server.url), workers: workers) { $0.leaseDuration = .seconds(1) }
        try await drill.survive("SIGSTOP of Redis for longer than a lease") {
            server.pause()
            // The one wait for a time: the lease is over once the server's clock says so.
            try await Task.sleep(for: .milliseconds(1200))
            server.resume()
        }
    }

    @Test("refuse new tasks when its memory is full, and free it by going on")
    func memory() async throws {
        let server = try await RedisServer.start("maxmemory 40mb", "maxmemory-policy noeviction")
        let station = try station(server.url)
        var accepted: [TaskID] = []
        var refusal: StoreError?
        while refusal == nil {
            let messages = (0..<50).map { _ in
                var message = TaskMessage(task: Scripted.name)
                message.payload = Array(#"{"text":"\#(String(repeating: "x", count: 20_000))"}"#.utf8)
                message.resultRetention = .seconds(600)
                return message
            }
            do {
                accepted += try await station.broker.enqueue(messages).compactMap(\.id)
            } catch {
                refusal = error
            }
        }
        #expect(refusal?.code == .full)
        #expect(refusal?.isTransient == true)
        #expect(refusal?.message.contains("Raise maxmemory or remove data") == true)
        // Also whoever cancels or pauses makes room.
        #expect(try await station.client.cancel(accepted[0]))
        try await station.broker.setPaused(false, queue: "default")
        try await station.worker(Scripted { _, _ in }).run {
            let start = ContinuousClock.now
            let message = TaskMessage(task: Scripted.name, payload: Array(#"{"text":"new"}"#.utf8))
            try await eventually("there is room again") {
                do {
                    return try await station.broker.enqueue([message]).first?.id == message.id
                } catch let error as StoreError where error.code == .full {
                    return false
                }
            }
            let took = start.duration(to: .now).wholeMilliseconds
            print("recovery: maxmemory reached: \(took) ms until work flowed again")
            accepted.append(message.id)
            try await eventually("everything has ended") { try await station.live() == 0 }
        }
        let records = try await station.results.fetch(accepted)
        #expect(records[accepted[0]]?.state == .revoked)
        #expect(accepted.dropFirst().allSatisfy { records[$0]?.state == .success })
    }

    @Test("are told to try again when it has too few replicas to take anything")
    func noReplicas() async throws {
        let server = try await RedisServer.start("min-replicas-to-write 1")
        let station = try station(server.url)
        let error = await #expect(throws: StoreError.self) { try await station.enqueue() }
        #expect(error?.code == .unavailable && error?.isTransient == true)
        #expect(error?.message.contains("NOREPLICAS") == true)
    }

    @Test("say clearly that it is a replica")
    func replica() async throws {
        let master = try await RedisServer.start("repl-diskless-sync-delay 0")
        let replica = try await RedisServer.start("replicaof 127.0.0.1 \(master.port)")
        let there = try station(master.url)
        let here = try station(replica.url)
        let id = try await there.enqueue(Scripted.name)
        try await eventually("the replica has it") {
            try await replica.cli("EXISTS", "tq:{default}:tasks", "tq:queues") == "2"
        }
        for attempt in [
            { _ = try await here.enqueue() }, { _ = try await here.claim() },
            { _ = try await here.claim(queues: ["default"]) }, { _ = try await here.broker.recover() },
            { try await here.broker.setPaused(true, queue: "default") },
        ] as [() async throws -> Void] {
            let error = await #expect(throws: StoreError.self) { try await attempt() }
            #expect(error?.code == .readOnly)
            #expect(error?.message.contains("Point the client at the master") == true, "\(String(describing: error))")
        }
        // It may be looked at all the same.
        #expect(try await here.client.status(id)?.state == .pending)
        #expect(try await here.broker.queues().first?.ready == 1)
        #expect(try await here.client.list(TaskFilter()).map(\.id) == [id])
        // And once it is the master, a worker that has been refused so far goes to work.
        try await here.worker(Scripted { _, _ in }).run {
            try await replica.cli("REPLICAOF", "NO", "ONE")
            let promoted = ContinuousClock.now
            #expect(try await here.client.wait(for: id, atMost: .seconds(30)).state == .success)
            let took = promoted.duration(to: .now).wholeMilliseconds
            print("recovery: read-only replica made master: \(took) ms until work flowed again")
        }
    }
}
