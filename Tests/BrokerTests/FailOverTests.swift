import Redis
import TaskQueue
import TestSupport
import Testing

@Suite("Workers whose Redis moves", .serialized, .timeLimit(.minutes(4)))
struct FailOverTests {
    private static func patient(_ configuration: inout RedisConfiguration) {
        configuration.commandTimeout = .seconds(2)
        configuration.connectTimeout = .milliseconds(500)
        configuration.backOffMaximum = .milliseconds(100)
    }

    @Test("lose nothing that was replicated when sentinels make the replica the master")
    func sentinels() async throws {
        let servers = try await RedisSentinels.start()
        let url = "redis+sentinel://\(servers.place)"
        let workers = [
            try Station(url, as: "a", tune: Self.patient), try Station(url, as: "b", tune: Self.patient),
        ]
        let submitter = try Station(url, as: "submitter", tune: Self.patient)
        let drill = Drill(submitter, workers: workers, replica: servers.replica) { $0.leaseDuration = .seconds(1) }
        try await drill.survive("kill -9 of the master, sentinels' down-after 2 s") {
            await servers.master.kill()
            try await eventually("the replica is the master") {
                await servers.replica.role() == "master"
            }
        }
    }

    @Test("lose nothing when the slot of their queue travels from node to node of a cluster")
    func migration() async throws {
        let servers = try await RedisClusterServers.start()
        let workers = [
            try Station(servers.url, as: "a", tune: Self.patient),
            try Station(servers.url, as: "b", tune: Self.patient),
        ]
        let submitter = try Station(servers.url, as: "submitter", tune: Self.patient)
        let slot = try #require(Int(try await servers.masters[0].cli("CLUSTER", "KEYSLOT", "tq:{default}")))
        let home = slot * 3 / 16_384
        let drill = Drill(submitter, workers: workers)
        try await drill.survive("three moves of a slot in a cluster") {
            for step in 0..<3 {
                let (source, target) = (servers.masters[(home + step) % 3], servers.masters[(home + step + 1) % 3])
                try await servers.move(slot: slot, from: source, to: target)
            }
        }
    }

    @Test("lose nothing when a node of a cluster is killed and comes back, and other nodes' queues go on")
    func restart() async throws {
        let servers = try await RedisClusterServers.start()
        let submitter = try Station(servers.url, as: "submitter", tune: Self.patient)
        let slot = try #require(Int(try await servers.masters[0].cli("CLUSTER", "KEYSLOT", "tq:{default}")))
        let node = servers.masters[slot * 3 / 16_384]
        // Each in a queue of another node.
        for queue in ["a", "b", "c", "d"] { try await submitter.enqueue("other", queue: queue) }
        let drill = Drill(submitter, workers: [try Station(servers.url, as: "a", tune: Self.patient)])
        try await drill.survive("kill -9 of a cluster's node") {
            await node.kill()
            try await node.restart()
        }
        #expect(try await submitter.live() == 4)
    }

    @Test("hold what the answer of one queue brought although the next queue's node did not answer")
    func halfAnswered() async throws {
        let servers = try await RedisClusterServers.start()
        let station = try Station(servers.url) {
            $0.commandTimeout = .milliseconds(1500)
            $0.connectTimeout = .milliseconds(1200)
        }
        // Patient, as connecting may take its time on a busy machine.
        let producer = try Station(servers.url, as: "producer")
        // a, b and c stand on three nodes.
        let queues = ["a", "b", "c"]
        var ids: [TaskID] = []
        for queue in queues { ids.append(try await producer.enqueue(queue: queue)) }
        let slot = try #require(Int(try await servers.masters[0].cli("CLUSTER", "KEYSLOT", "tq:{b}")))
        let node = servers.masters[slot * 3 / 16_384]
        node.pause()
        // Queues are asked in any order: until the frozen one was not the first.
        var answered = 0
        while answered < 8 {
            await #expect(throws: StoreError.self) { try await station.claim(queues: Set(queues)) }
            answered += 1
        }
        node.resume()
        let held = try await insisting { try await station.claim(queues: Set(queues)) }
        #expect(Set(held.map(\.id)) == Set(ids))
        #expect(held.allSatisfy { $0.attempt == 1 && $0.deaths == 0 })
        #expect(try await station.exchange(station.successes(held)).lost.isEmpty)
        #expect(try await station.live() == 0)
    }

    @Test("of a cluster are listed from all of its nodes, with their results")
    func listing() async throws {
        let servers = try await RedisClusterServers.start()
        let station = try Station(servers.url)
        var ids: Set<TaskID> = []
        for queue in ["a", "b", "c", "d", "}", "{e}", "f}g"] {
            ids.insert(try await station.enqueue(queue: queue))
            let held = try await station.claim(queues: [queue])
            #expect(try await station.exchange(station.successes(held)).lost.isEmpty)
            #expect(held.count == 1)
        }
        #expect(try await Set(station.results.list(TaskFilter()).map(\.id)) == ids)
        #expect(try await Set(station.results.fetch(Array(ids)).keys) == ids)
    }
}
