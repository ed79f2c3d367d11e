import Redis
import TestSupport
import Testing

@Suite("Passwords and permissions", .serialized, .timeLimit(.minutes(2)))
struct AuthenticationTests {
    @Test("a password is presented to the server")
    func password() async throws {
        let server = try await RedisServer.start("requirepass hush")
        let client = try RedisClient(to: "redis://:hush@127.0.0.1:\(server.port)")
        #expect(try await client.send("PING").string == "PONG")
    }

    @Test(
        "a wrong or missing one is told at once in one sentence, without it", arguments: [":wrong@", "me:wrong@", ""])
    func wrong(_ who: String) async throws {
        let server = try await RedisServer.start("requirepass hush")
        let client = try RedisClient(to: "redis://\(who)127.0.0.1:\(server.port)") { $0.commandTimeout = .seconds(600) }
        let error = try await client.failure("PING")
        #expect(error.code == .authentication)
        #expect(!error.maybeExecuted)
        #expect(error.message.hasPrefix(who.isEmpty ? "\(server.address) asks for" : "\(server.address) refused"))
        #expect(!"\(error)".contains("wrong"))
    }

    @Test("a client whose password is accepted later needs no restart")
    func healed() async throws {
        let server = try await RedisServer.start()
        let client = try RedisClient(to: "redis://later:hush@127.0.0.1:\(server.port)")
        #expect(try await client.failure("PING").code == .authentication)
        try await server.cli("ACL", "SETUSER", "later", "on", ">hush", "+@all", "~*")
        try await eventually("the client gets in") {
            do {
                return try await client.send("PING").string == "PONG"
            } catch let error as RedisError where error.code == .authentication {
                return false
            }
        }
    }

    @Test("what a user may not do is refused, what it may is done")
    func permissions() async throws {
        let server = try await RedisServer.start("user limited on >hush ~app:* resetchannels +get +set")
        let client = try RedisClient(to: "redis://limited:hush@127.0.0.1:\(server.port)") { $0.clientName = "test" }
        try await client.send("SET", "app:a", 1)
        #expect(try await client.send("GET", "app:a").integer == 1)
        for error in [
            try await client.failure("DEL", "app:a"), try await client.failure("SET", "other", "payload"),
            try await client.failure("PUBLISH", "channel", "payload"),
        ] {
            #expect(error.code == .permission)
            #expect(!error.maybeExecuted)
            #expect(!"\(error)".contains("payload"))
            #expect("\(error)".hasSuffix("Grant the user this command and these keys (ACL SETUSER)"))
        }
    }

    @Test("a database that does not exist is told")
    func database() async throws {
        let server = try await RedisServer.start()
        let log = EventLog()
        let client = try RedisClient(to: server.url + "/99") {
            $0.commandTimeout = .seconds(1)
        } onEvent: {
            log.note($0)
        }
        _ = try await client.failure("PING")
        let error = try await log.firstFailure()
        #expect(error.message == "\(server.address): SELECT was refused: ERR DB index is out of range")
        let other = try RedisClient(to: server.url + "/3")
        try await other.send("SET", "a", 1)
        #expect(try await server.cli("-n", "3", "GET", "a") == "1")
    }

    @Test("a full server refuses to write and says what to do")
    func full() async throws {
        let server = try await RedisServer.start("maxmemory 1", "maxmemory-policy noeviction")
        let client = try RedisClient(to: server.url)
        let error = try await client.failure("SET", "a", .bytes([UInt8](repeating: 0, count: 100)))
        #expect(error.code == .outOfMemory)
        #expect("\(error)".hasSuffix("Raise maxmemory or remove data"))
        #expect(try await client.send("GET", "a") == .null)
    }
}
