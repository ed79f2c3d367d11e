import Redis

/// A private master with one replica, and three sentinels that watch over them.
package final class RedisSentinels: Sendable {
    package let master: RedisServer
    package let replica: RedisServer
    package let sentinels: [RedisServer]

    /// Starts them and waits until all know of each other.
    /// - Parameter password: What the master and its replica ask for.
    package static func start(password: String? = nil) async throws -> RedisSentinels {
        let secret = password.map { ["requirepass \($0)", "masterauth \($0)"] } ?? []
        let common = secret + ["repl-diskless-sync-delay 0"]
        let master = try await RedisServer.start(common)
        let replica = try await RedisServer.start(common + ["replicaof 127.0.0.1 \(master.port)"])
        var sentinels: [RedisServer] = []
        for _ in 0..<3 {
            let directives = [
                "sentinel monitor mine 127.0.0.1 \(master.port) 2", "sentinel down-after-milliseconds mine 2000",
                "sentinel failover-timeout mine 5000",
            ]
            let login = password.map { ["sentinel auth-pass mine \($0)"] } ?? []
            sentinels.append(try await RedisServer.start(directives + login, asSentinel: true))
        }
        let servers = RedisSentinels(master, replica, sentinels)
        try await servers.agreed()
        return servers
    }

    private init(_ master: RedisServer, _ replica: RedisServer, _ sentinels: [RedisServer]) {
        self.master = master
        self.replica = replica
        self.sentinels = sentinels
    }

    /// The sentinels' addresses and the master's name, as they stand in a URL.
    package var place: String {
        sentinels.map(\.address.description).joined(separator: ",") + "/mine"
    }

    /// Makes the sentinels patient: on a busy machine a late answer no longer counts as a death, which would start
    /// anew the eight seconds for which an old master must be well before they demote it.
    package func forgiveLateAnswers() async throws {
        for sentinel in sentinels {
            try await sentinel.cli("SENTINEL", "SET", "mine", "down-after-milliseconds", "60000")
        }
    }

    private func agreed() async throws {
        for sentinel in sentinels {
            try await eventually("a sentinel knows all others") {
                let words = try await sentinel.cli("SENTINEL", "MASTER", "mine").split(separator: "\n")
                let facts = zip(words, words.dropFirst())
                return facts.contains { $0 == ("num-slaves", "1") }
                    && facts.contains { $0 == ("num-other-sentinels", "2") }
                    && facts.contains { $0 == ("flags", "master") }
            }
        }
    }
}
