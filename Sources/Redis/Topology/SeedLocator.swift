internal import Synchronization

/// Any node of a cluster: the first one, and after each failure the next.
final class SeedLocator: RedisLocator {
    private let seeds: [RedisAddress]
    private let next = Atomic(0)

    var followsMaster: Bool { false }

    init(_ seeds: [RedisAddress]) {
        self.seeds = seeds
    }

    func locate() throws(RedisError) -> RedisAddress {
        guard !seeds.isEmpty else { throw RedisError(.configuration, "the cluster has no addresses") }
        return seeds[next.wrappingAdd(1, ordering: .relaxed).oldValue % seeds.count]
    }

    func verify(_ connection: RedisConnection) {}
}
