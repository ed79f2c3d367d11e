import Foundation
import Logging
import Redis

/// A private cluster of masters, all slots served.
package final class RedisClusterServers: Sendable {
    package let masters: [RedisServer]

    /// Starts a cluster and waits until every node calls it complete.
    package static func start(masters count: Int = 3) async throws -> RedisClusterServers {
        var masters: [RedisServer] = []
        for _ in 0..<count { masters.append(try await node()) }
        let addresses = masters.map(\.address.description)
        try await ServerProcess.run(["redis-cli", "--cluster", "create"] + addresses + ["--cluster-yes"])
        for master in masters { try await master.joined(nodes: count) }
        return RedisClusterServers(masters)
    }

    private init(_ masters: [RedisServer]) {
        self.masters = masters
    }

    /// A URL that names every node.
    package var url: String {
        "redis+cluster://" + masters.map(\.address.description).joined(separator: ",")
    }

    /// Starts one more node, as a replica of a master.
    package func addReplica(of master: RedisServer) async throws -> RedisServer {
        let replica = try await Self.node()
        let id = try await master.cli("CLUSTER", "MYID")
        try await ServerProcess.run([
            "redis-cli", "--cluster", "add-node", replica.address.description, master.address.description,
            "--cluster-slave", "--cluster-master-id", id,
        ])
        for node in masters + [replica] { try await node.joined(nodes: masters.count + 1) }
        try await eventually("the replica is in step") {
            try await replica.cli("INFO", "replication").contains("master_link_status:up")
        }
        return replica
    }

    /// Moves a slot with its keys from one master to another, as an operator would, while clients work.
    package func move(slot: Int, from source: RedisServer, to target: RedisServer) async throws {
        let slot = String(slot)
        let (sourceID, targetID) = (try await source.cli("CLUSTER", "MYID"), try await target.cli("CLUSTER", "MYID"))
        try await target.cli("CLUSTER", "SETSLOT", slot, "IMPORTING", sourceID)
        try await source.cli("CLUSTER", "SETSLOT", slot, "MIGRATING", targetID)
        // Keys may be any bytes, which redis-cli could not take as arguments.
        let client = RedisClient(try RedisConfiguration(url: source.url), logger: Logger(label: "redis"))
        while true {
            let reply = try await client.send(RedisCommand("CLUSTER", "GETKEYSINSLOT", .string(slot), 3))
            let keys = (reply.array ?? []).compactMap(\.bytes).map(RedisArgument.bytes)
            if keys.isEmpty { break }
            let place: [RedisArgument] = ["127.0.0.1", .integer(Int64(target.port)), "", 0, 5000, "KEYS"]
            _ = try await client.send(RedisCommand("MIGRATE", place + keys))
        }
        for node in [target, source] + masters.filter({ $0 !== source && $0 !== target }) {
            try await node.cli("CLUSTER", "SETSLOT", slot, "NODE", targetID)
        }
    }

    private static func node() async throws -> RedisServer {
        try await RedisServer.start(
            "cluster-enabled yes", "cluster-node-timeout 1000", "appendonly yes", "appendfsync always",
            "cluster-replica-validity-factor 0", "repl-diskless-sync-delay 0")
    }
}

extension RedisServer {
    /// Waits until this node sees a complete cluster of so many nodes.
    package func joined(nodes: Int) async throws {
        try await eventually("the cluster is complete") {
            let info = try await self.cli("CLUSTER", "INFO")
            return info.contains("cluster_state:ok") && info.contains("cluster_known_nodes:\(nodes)\n")
        }
    }
}
