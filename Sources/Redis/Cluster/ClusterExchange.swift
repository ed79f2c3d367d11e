/// The commands of one call on their way through a cluster: what has been answered, what goes where next.
///
/// Decides only; ``RedisCluster`` sends.
struct ClusterExchange {
    /// Commands for one node.
    struct Batch: Hashable {
        let address: RedisAddress
        /// True if each command is to be preceded by `ASKING`.
        let isAsking: Bool
        /// The commands' places in the call.
        var indices: [Int]
    }

    /// What one round of sending has led to.
    struct Round {
        /// Slots that have a new home.
        var moved: [Redirection] = []
        /// Why nodes could not be reached, or why the call failed.
        var failures: [RedisError] = []
        /// True if some node wants to be left alone for a moment.
        var hasRefusals = false
    }

    private let commands: [RedisCommand]
    private var replies: [RedisValue?]
    private var redirections: [Int: Redirection] = [:]
    private var refusals: [Int: RedisValue] = [:]
    /// How many rounds led to redirections.
    private(set) var redirectedRounds = 0
    /// True once a node may have executed one of the commands.
    private(set) var hasExecuted = false

    init(_ commands: [RedisCommand]) {
        self.commands = commands
        replies = Array(repeating: nil, count: commands.count)
    }

    /// All replies in order, once there is one for each command that is not to be repeated.
    var result: [RedisValue]? {
        let known = replies.compactMap(\.self)
        return known.count == commands.count ? known : nil
    }

    /// Sorts what is still to be sent by nodes; each node gets its commands in their order.
    /// - Parameter fallback: The node for commands without a key and for slots nobody is known to serve.
    func batches(_ map: SlotMap, fallback: RedisAddress) -> [Batch] {
        var batches: [Batch] = []
        for index in commands.indices where replies[index] == nil {
            let redirection = redirections[index]
            let owner = commands[index].key.flatMap { map.owner(of: HashSlot(of: $0)) }
            let address = redirection?.address ?? owner ?? fallback
            let isAsking = redirection?.kind == .ask
            if let place = batches.firstIndex(where: { $0.address == address && $0.isAsking == isAsking }) {
                batches[place].indices.append(index)
            } else {
                batches.append(Batch(address: address, isAsking: isAsking, indices: [index]))
            }
        }
        return batches
    }

    /// The commands of a batch as they are sent.
    func words(of batch: Batch) -> [RedisCommand] {
        batch.isAsking
            ? batch.indices.flatMap { [RedisCommand("ASKING"), commands[$0]] }
            : batch.indices.map { commands[$0] }
    }

    /// Takes what a round has led to.
    mutating func absorb(_ outcomes: [(Batch, Result<[RedisValue], RedisError>)]) -> Round {
        var round = Round()
        redirections = [:]
        for (batch, outcome) in outcomes {
            switch outcome {
            case .success(let all):
                let own = batch.isAsking ? stride(from: 1, to: all.count, by: 2).map { all[$0] } : all
                for (index, reply) in zip(batch.indices, own) { absorb(reply, at: index, from: batch.address, &round) }
            case .failure(let error):
                hasExecuted = hasExecuted || error.maybeExecuted
                round.failures.append(error)
            }
        }
        if !redirections.isEmpty { redirectedRounds += 1 }
        return round
    }

    private mutating func absorb(
        _ reply: RedisValue, at index: Int, from address: RedisAddress, _ round: inout Round
    ) {
        guard case .error(let error) = reply else { return finish(index, reply) }
        if let redirection = Redirection(error, from: address) {
            guard redirection.kind == .moved || commands[index].followsMigration else {
                round.hasRefusals = true
                refusals[index] = Self.slotOnItsWay
                return
            }
            redirections[index] = redirection
            if redirection.kind == .moved { round.moved.append(redirection) }
        } else if RedisError.Code(error) == .clusterDown {
            round.hasRefusals = true
            refusals[index] = reply
        } else {
            finish(index, reply)
        }
    }

    private static let slotOnItsWay = RedisValue.error(
        RedisServerError("TRYAGAIN the slot is on its way to another node"))

    private mutating func finish(_ index: Int, _ reply: RedisValue) {
        replies[index] = reply
        hasExecuted = true
    }

    /// Takes refusals for answers: there is no time left to repeat the commands.
    mutating func settleForRefusals() {
        for (index, reply) in refusals where replies[index] == nil { replies[index] = reply }
    }
}
