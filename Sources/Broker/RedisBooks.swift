internal import Redis
internal import TaskQueue

/// Runs scripts on queues' books and speaks of failures as the engine does.
struct RedisBooks: Sendable {
    let client: RedisClient
    let keys: RedisKeys
    /// Nil for the server's own clock; tests give theirs.
    let clock: StoreClock?

    /// Runs a script on queues that all stand on one server.
    func run(
        _ script: RedisScript, _ what: String, on queues: [String], _ arguments: [RedisArgument] = []
    ) async throws(StoreError) -> RedisValue {
        do throws(RedisError) {
            return try await client.evaluate(
                script, keys: queues.map { .string(keys.books(of: $0)) }, arguments: [time] + arguments)
        } catch {
            throw StoreError(error, what)
        }
    }

    /// Runs a script on queues wherever they stand, and gives each answer with the queues it is about.
    func runEverywhere(
        _ script: RedisScript, _ what: String, on queues: [String], _ arguments: [RedisArgument] = []
    ) async throws(StoreError) -> [(queues: [String], reply: RedisValue)] {
        var replies: [(queues: [String], reply: RedisValue)] = []
        for group in groups(of: queues) {
            replies.append((group, try await run(script, what, on: group, arguments)))
        }
        return replies
    }

    /// Queues that one script may touch at once: as many as it can number, unless a cluster may have them on different
    /// nodes.
    func groups(of queues: [String]) -> [[String]] {
        let most = isCluster ? 1 : Self.queuesPerCallMax
        return stride(from: 0, to: queues.count, by: most).map { Array(queues[$0..<min($0 + most, queues.count)]) }
    }

    /// A queue's number travels in one byte.
    private static let queuesPerCallMax = 255

    var isCluster: Bool {
        if case .cluster = client.configuration.servers { true } else { false }
    }

    private var time: RedisArgument {
        clock.map { .integer($0.now.rawValue) } ?? ""
    }
}

/// Reads an answer, or says that it is none of a script of ours.
func reading<Value>(_ what: String, _ body: () throws(RedisError) -> Value) throws(StoreError) -> Value {
    do throws(RedisError) {
        return try body()
    } catch {
        throw StoreError(error, what)
    }
}
