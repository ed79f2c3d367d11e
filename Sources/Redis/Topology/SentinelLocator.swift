/// Asks the sentinels which server is the master.
struct SentinelLocator: RedisLocator {
    private let opener: ConnectionOpener
    private let sentinels: [RedisAddress]
    private let master: String

    var followsMaster: Bool { true }

    init(_ configuration: RedisConfiguration, sentinels: [RedisAddress], master: String) {
        var own = configuration
        own.credentials = configuration.sentinelCredentials
        own.database = 0
        // The others are asked in turn: a dead one must not use up the callers' patience.
        own.connectTimeout = min(configuration.connectTimeout, .seconds(1))
        own.commandTimeout = own.connectTimeout
        opener = ConnectionOpener(own)
        self.sentinels = sentinels
        self.master = master
    }

    func locate() async throws(RedisError) -> RedisAddress {
        var complaints: [String] = []
        for sentinel in sentinels.shuffled() {
            do throws(RedisError) {
                return try await ask(sentinel)
            } catch {
                if error.isLasting { throw error }
                complaints.append(error.message)
            }
        }
        throw RedisError(
            .unavailable, "no sentinel knows the master \"\(master)\": \(complaints.joined(separator: "; "))")
    }

    private func ask(_ sentinel: RedisAddress) async throws(RedisError) -> RedisAddress {
        let connection = try await opener.open(sentinel)
        defer { connection.drop(RedisError(.closed, "the sentinel has been asked")) }
        let reply = try await connection.send(
            RedisCommand("SENTINEL", "get-master-addr-by-name", .string(master)))
        guard let parts = reply.array, parts.count == 2, let host = parts[0].string, let port = parts[1].integer else {
            throw RedisError(.unavailable, "the sentinel \(sentinel) does not know \"\(master)\"")
        }
        return RedisAddress(host: host, port: Int(clamping: port))
    }

    /// A sentinel may not have noticed yet that its master was demoted.
    func verify(_ connection: RedisConnection) async throws(RedisError) {
        let role = try await connection.send(RedisCommand("ROLE")).array?.first?.string
        guard role == "master" else {
            throw RedisError(
                .unavailable, "\(connection.address) should be the master but is a \(role ?? "server without a role")")
        }
    }
}
