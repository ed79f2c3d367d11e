package import Broker
import Logging
import Redis

extension RedisServer {
    /// A broker with connections of its own.
    package func broker() throws -> RedisBroker {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        return RedisBroker(
            RedisClient(try RedisConfiguration(url: url), logger: logger), recordsOutcomes: true, logger: logger)
    }
}
