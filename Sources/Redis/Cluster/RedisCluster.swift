internal import NIOCore
internal import Synchronization

/// Sends each command to the node that serves its key, and follows keys that move.
final class RedisCluster: RedisTopology {
    /// More often than this no command is sent on from node to node.
    private static let redirectionLimit = 32
    /// How long a node that can't be reached may delay the question whether another one has taken over.
    private static let patience = TimeAmount.milliseconds(250)

    private let configuration: RedisConfiguration
    private let links: ClusterLinks
    private let map: ClusterMap
    /// Counts up when the node for commands without a key fails.
    private let detours = Atomic(0)

    init(_ configuration: RedisConfiguration, seeds: [RedisAddress], _ reporter: EventReporter) {
        self.configuration = configuration
        let links = ClusterLinks(configuration, reporter)
        self.links = links
        map = ClusterMap(configuration, seeds: seeds, reporter) { links.keepOnly($0.masters) }
    }

    func exchange(_ commands: [RedisCommand], deadline: NIODeadline) async throws(RedisError) -> [RedisValue] {
        var exchange = ClusterExchange(commands)
        var backOff = quickBackOff
        while true {
            let map = try await map.current(before: deadline)
            let batches = exchange.batches(map, fallback: anyNode(map))
            let round = exchange.absorb(await send(batches, of: exchange, deadline))
            learn(round)
            if let failure = round.failures.first(where: { !$0.isDetour }) {
                throw failure.with(maybeExecuted: exchange.hasExecuted)
            }
            if let replies = exchange.result { return replies }
            guard NIODeadline.now() < deadline, exchange.redirectedRounds < Self.redirectionLimit else {
                exchange.settleForRefusals()
                if let replies = exchange.result { return replies }
                throw (round.failures.first ?? Self.lost).with(maybeExecuted: exchange.hasExecuted)
            }
            // The first redirections are followed at once; whoever is sent round and round waits for the cluster.
            if round.isTroubled || exchange.redirectedRounds > 2 {
                try await pause(backOff.next(), before: deadline, exchange.hasExecuted)
            }
        }
    }

    private static let lost = RedisError(.clusterDown, "the nodes of the cluster do not agree on who serves the key")

    /// Opens a connection to where a key is, which the node itself confirms.
    func dedicatedConnection(for key: RedisArgument?) async throws(RedisError) -> RedisConnection {
        let deadline = NIODeadline.now() + TimeAmount(configuration.commandTimeout)
        var backOff = quickBackOff
        while true {
            let map = try await map.current(before: deadline)
            let address = key.flatMap { map.owner(of: HashSlot(of: $0)) } ?? anyNode(map)
            do throws(RedisError) {
                let connection = try await ConnectionOpener(configuration).open(address)
                guard let key, let redirection = try await connection.redirection(for: key) else { return connection }
                learn(ClusterExchange.Round(moved: [redirection]))
            } catch {
                guard error.isDetour, NIODeadline.now() < deadline else { throw error }
                learn(ClusterExchange.Round(failures: [error]))
            }
            try await pause(backOff.next(), before: deadline, false)
        }
    }

    func close() async {
        map.close()
        await links.close()
    }

    func abandon() {
        map.close()
        links.abandon()
    }
}

// MARK: One round

extension RedisCluster {
    /// Sends the batches side by side.
    private func send(
        _ batches: [ClusterExchange.Batch], of exchange: ClusterExchange, _ deadline: NIODeadline
    ) async -> [(ClusterExchange.Batch, Result<[RedisValue], RedisError>)] {
        if batches.count == 1, let batch = batches.first {
            return [(batch, await send(exchange.words(of: batch), to: batch.address, deadline))]
        }
        return await withTaskGroup { group in
            for batch in batches {
                let words = exchange.words(of: batch)
                group.addTask { (batch, await self.send(words, to: batch.address, deadline)) }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }

    private func send(
        _ commands: [RedisCommand], to address: RedisAddress, _ deadline: NIODeadline
    ) async -> Result<[RedisValue], RedisError> {
        let link = links.link(to: address) { [weak map] in map?.refreshSoon() }
        do throws(RedisError) {
            return .success(try await link.exchange(commands, deadline: deadline, patience: .now() + Self.patience))
        } catch {
            return .failure(error)
        }
    }

    private func learn(_ round: ClusterExchange.Round) {
        for redirection in round.moved { map.note(redirection) }
        if !round.failures.isEmpty { detours.add(1, ordering: .relaxed) }
        if round.isTroubled || !round.moved.isEmpty { map.refreshSoon() }
    }

    private func anyNode(_ map: SlotMap) -> RedisAddress {
        map.masters[detours.load(ordering: .relaxed) % map.masters.count]
    }

    private var quickBackOff: BackOff { BackOff(configuration, maximum: .milliseconds(250)) }

    private func pause(_ pause: Duration, before deadline: NIODeadline, _ hasExecuted: Bool) async throws(RedisError) {
        do {
            try await Task.sleep(for: min(pause, Duration(deadline - .now())))
        } catch {
            throw RedisError(.cancelled, "the caller was cancelled while waiting for Redis", maybeExecuted: hasExecuted)
        }
    }
}

extension ClusterExchange.Round {
    /// True if the cluster needs a moment.
    fileprivate var isTroubled: Bool { hasRefusals || !failures.isEmpty }
}

extension RedisError {
    /// True if another node, or the same one a moment later, may do what this one did not.
    fileprivate var isDetour: Bool {
        switch code {
        case .unavailable, .connectionLost, .closed: !maybeExecuted
        default: false
        }
    }
}

extension RedisConnection {
    /// Where a key lives, if not here; blocking commands are never sent on, so it is asked before.
    fileprivate func redirection(for key: RedisArgument) async throws(RedisError) -> Redirection? {
        guard case .error(let error)? = try await pipeline([RedisCommand("EXISTS", key)]).first else { return nil }
        return Redirection(error, from: address).flatMap { $0.kind == .moved ? $0 : nil }
    }
}
