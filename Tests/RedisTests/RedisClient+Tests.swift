import Logging
import Redis
import TestSupport
import Testing

extension RedisClient {
    /// A client that says nothing, with deadlines or other settings as a test wants them.
    convenience init(
        to url: String, _ tune: (inout RedisConfiguration) -> Void = { _ in },
        onEvent: (@Sendable (RedisEvent) -> Void)? = nil
    ) throws {
        var configuration = try RedisConfiguration(url: url)
        tune(&configuration)
        self.init(configuration, logger: .silent, onEvent: onEvent)
    }

    /// Sends what one would type.
    @discardableResult
    func send(_ name: String, _ arguments: RedisArgument...) async throws -> RedisValue {
        try await send(RedisCommand(name, arguments))
    }

    /// The error a command ends with, which it must.
    func failure(_ name: String, _ arguments: RedisArgument...) async throws -> RedisError {
        try await #require(throws: RedisError.self) { _ = try await send(RedisCommand(name, arguments)) }
    }

    /// Waits until PING is answered; a connection may still have to come, or come back.
    func ready() async throws {
        try await eventually("the client is connected") { try await isAnswered() }
    }

    /// True if PING is answered; false if the connection is not back yet.
    private func isAnswered() async throws -> Bool {
        do {
            return try await send("PING").string == "PONG"
        } catch let error as RedisError
            where [.unavailable, .timeout, .connectionLost, .loading, .clusterDown].contains(error.code)
        {
            return false
        }
    }
}

extension Logger {
    /// Says nothing.
    static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}
