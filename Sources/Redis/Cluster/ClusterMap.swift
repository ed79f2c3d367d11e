internal import NIOCore
internal import Synchronization

/// Knows which node serves which slot, and asks again when that may have changed.
final class ClusterMap: Sendable {
    private struct State {
        var isWanted = false
        var refresh: Task<Void, Never>?
    }

    private let configuration: RedisConfiguration
    private let seeds: [RedisAddress]
    private let reporter: EventReporter
    private let onChange: @Sendable (SlotMap) -> Void
    private let slot = SharedSlot<SlotMap>()
    private let state = Mutex(State())

    /// - Parameter onChange: Called with each map that a node has told.
    init(
        _ configuration: RedisConfiguration, seeds: [RedisAddress], _ reporter: EventReporter,
        onChange: @escaping @Sendable (SlotMap) -> Void
    ) {
        var own = configuration
        // The others are asked in turn: a dead one must not use up the callers' patience.
        own.connectTimeout = min(configuration.connectTimeout, .seconds(1))
        own.commandTimeout = own.connectTimeout
        self.configuration = own
        self.seeds = seeds
        self.reporter = reporter
        self.onChange = onChange
    }

    /// The newest map, or the first one if it comes before the deadline.
    func current(before deadline: NIODeadline) async throws(RedisError) -> SlotMap {
        if slot.current == nil { refreshSoon() }
        return try await slot.content(before: deadline)
    }

    /// Notes a slot's new home before the next refresh tells it.
    func note(_ redirection: Redirection) {
        slot.update { $0.moving(redirection.slot, to: redirection.address) }
    }

    /// Asks the nodes again; wishes that come meanwhile are granted together.
    func refreshSoon() {
        state.withLock { state in
            state.isWanted = true
            if state.refresh == nil, !slot.isClosed { state.refresh = Task { await refresh() } }
        }
    }

    /// Refuses everybody from now on.
    func close() {
        slot.close(RedisError(.closed, "the Redis client was closed by its owner"))
        state.withLock { $0.refresh }?.cancel()
    }

    // MARK: The refresh

    private func refresh() async {
        var backOff = BackOff(configuration)
        while takeWish() {
            let pause: Duration
            do throws(RedisError) {
                let map = try await ask()
                if slot.fill(map) { onChange(map) }
                backOff.reset()
                pause = configuration.backOffMinimum
            } catch {
                slot.note(error)
                pause = backOff.next()
                reporter.report(.connectFailed(error, attempt: backOff.attempts, pause: pause))
                state.withLock { $0.isWanted = true }
            }
            // Ends early when the cluster is closed; takeWish sees it.
            try? await Task.sleep(for: pause)
        }
    }

    private func takeWish() -> Bool {
        state.withLock { state in
            guard state.isWanted, !Task.isCancelled, !slot.isClosed else {
                state.refresh = nil
                return false
            }
            state.isWanted = false
            return true
        }
    }

    private func ask() async throws(RedisError) -> SlotMap {
        var complaints: [String] = []
        for node in (slot.current?.masters.shuffled() ?? []) + seeds.shuffled() {
            do throws(RedisError) {
                return try await ask(node)
            } catch {
                if error.isLasting { throw error }
                complaints.append(error.message)
            }
        }
        throw RedisError(
            .unavailable, "no node could describe the cluster: \(Set(complaints).sorted().joined(separator: "; "))")
    }

    private func ask(_ node: RedisAddress) async throws(RedisError) -> SlotMap {
        let connection = try await ConnectionOpener(configuration).open(node)
        defer { connection.drop(RedisError(.closed, "the node has described the cluster")) }
        do throws(RedisError) {
            return try SlotMap(try await connection.send(RedisCommand("CLUSTER", "SLOTS")), from: node)
        } catch {
            guard error.code == .server("ERR") else { throw error }
            throw RedisError(.configuration, "\(node) is not part of a cluster: \(error.message)")
        }
    }
}
