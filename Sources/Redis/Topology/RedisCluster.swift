internal import NIOCore

final class RedisCluster: RedisTopology {
    init(_ configuration: RedisConfiguration, seeds: [RedisAddress], _ reporter: EventReporter) {}
    func exchange(_ commands: [RedisCommand], deadline: NIODeadline) async throws(RedisError) -> [RedisValue] {
        throw RedisError(.configuration, "not yet")
    }
    func dedicatedConnection(for key: RedisArgument?) async throws(RedisError) -> RedisConnection {
        throw RedisError(.configuration, "not yet")
    }
    func close() async {}
    func abandon() {}
}
