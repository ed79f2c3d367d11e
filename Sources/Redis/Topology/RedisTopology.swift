internal import NIOCore

/// How commands find their server; the one seam between a client and one server, sentinels or a cluster.
protocol RedisTopology: Sendable {
    /// Sends commands to where their keys are and returns the replies in the commands' order.
    func exchange(_ commands: [RedisCommand], deadline: NIODeadline) async throws(RedisError) -> [RedisValue]

    /// Opens a connection to where a key is.
    func dedicatedConnection(for key: RedisArgument?) async throws(RedisError) -> RedisConnection

    /// Closes once the replies that are due have come.
    func close() async

    /// Closes at once.
    func abandon()
}

/// One link is the whole topology of a single server, and of sentinels: the locator makes the difference.
extension RedisLink: RedisTopology {
    func exchange(_ commands: [RedisCommand], deadline: NIODeadline) async throws(RedisError) -> [RedisValue] {
        try await exchange(commands, deadline: deadline, patience: deadline)
    }

    func dedicatedConnection(for key: RedisArgument?) async throws(RedisError) -> RedisConnection {
        try await dedicatedConnection()
    }
}

extension RedisConfiguration {
    /// What serves a client.
    func topology(_ reporter: EventReporter) -> any RedisTopology {
        switch servers {
        case .single, .sentinel: RedisLink(self, locator, reporter)
        case .cluster(let seeds): RedisCluster(self, seeds: seeds, reporter)
        }
    }

    /// What finds the one server to write to, or, in a cluster, any node.
    var locator: any RedisLocator {
        switch servers {
        case .single(let address): FixedLocator(address: address)
        case .sentinel(let sentinels, let master): SentinelLocator(self, sentinels: sentinels, master: master)
        case .cluster(let seeds): SeedLocator(seeds)
        }
    }
}
