/// Knows which address a link should connect to, asked anew before each attempt.
protocol RedisLocator: Sendable {
    /// Where to connect now.
    func locate() async throws(RedisError) -> RedisAddress

    /// Checks that a fresh connection leads to what was looked for.
    func verify(_ connection: RedisConnection) async throws(RedisError)

    /// True if another address may be right once the server says that it is read-only.
    var followsMaster: Bool { get }
}

/// Always the same address.
struct FixedLocator: RedisLocator {
    let address: RedisAddress

    var followsMaster: Bool { false }

    func locate() -> RedisAddress { address }

    func verify(_ connection: RedisConnection) {}
}
