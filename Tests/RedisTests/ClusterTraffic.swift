import Redis
import Synchronization
import Testing

/// Callers who count up keys that share a slot, each in its own way, until told to stop.
final class ClusterTraffic: Sendable {
    private let client: RedisClient
    private let isOver = Atomic(false)
    private let keys = (0..<12).map { RedisArgument.string("{foo}\($0)") }
    private let script = RedisScript("return redis.call('INCR', KEYS[1]) + redis.call('INCR', KEYS[2])")

    init(_ client: RedisClient) async throws {
        self.client = client
        _ = try await client.pipeline(keys.map { RedisCommand("SET", $0, 0) })
    }

    func stop() { isOver.store(true, ordering: .relaxed) }

    /// Runs until stopped; returns by how much the keys were counted up.
    func run(callers: Int) async throws -> Int64 {
        try await withThrowingTaskGroup(of: Int64.self) { group in
            for caller in 0..<callers {
                group.addTask {
                    var sum: Int64 = 0
                    while !self.isOver.load(ordering: .relaxed) {
                        sum += try await self.count(caller % 3, self.keys[(caller + Int(sum)) % 12])
                    }
                    return sum
                }
            }
            return try await group.reduce(0, +)
        }
    }

    private func count(_ way: Int, _ key: RedisArgument) async throws -> Int64 {
        switch way {
        case 0:
            try await client.send("INCR", key)
            return 1
        case 1:
            _ = try await client.evaluate(script, keys: [key, keys[5]])
            return 2
        default:
            let words = [key, "elsewhere", keys[7]].map { RedisCommand("INCR", $0) }
            let replies = try await client.pipeline(words)
            #expect(replies.allSatisfy { $0.integer != nil }, "\(replies)")
            return 2
        }
    }

    /// What the keys have been counted up to.
    func total() async throws -> Int64 {
        try await client.pipeline(keys.map { RedisCommand("GET", $0) }).compactMap(\.integer).reduce(0, +)
    }
}
