import Foundation
import TestSupport
import Testing

/// What a user sees on the terminal.
@Suite("A Redis that lets nobody in", .timeLimit(.minutes(2)))
struct ConnectionComplaintTests {
    private func enqueue(_ url: String) async throws -> (status: Int32, output: String, errors: String) {
        let folder = try TemporaryFolder()
        let words = ["send_alert", "--set", "severity=critical", "--set", "message=low", "--broker-url", url]
        let quoted = ([Programs.path("enqueue")] + words).map { "'\($0)'" }.joined(separator: " ")
        let process = try await ServerProcess(
            ["bash", "-c", "\(quoted) 2> '\(folder.path("errors"))'"], output: folder.path("output"))
        let status = await process.waitForExit()
        return (
            status, try String(contentsOfFile: folder.path("output"), encoding: .utf8),
            try String(contentsOfFile: folder.path("errors"), encoding: .utf8)
        )
    }

    /// One sentence, and what it is about.
    private func complains(_ url: String, _ words: String..., sourceLocation: SourceLocation = #_sourceLocation)
        async throws
    {
        let result = try await enqueue(url)
        #expect(result.status == 69, sourceLocation: sourceLocation)
        #expect(result.output.isEmpty, sourceLocation: sourceLocation)
        let lines = result.errors.split(separator: "\n")
        #expect(lines.count == 1, "\(result.errors)", sourceLocation: sourceLocation)
        #expect(lines.first?.hasPrefix("error: ") == true, "\(result.errors)", sourceLocation: sourceLocation)
        for word in words { #expect(result.errors.contains(word), "\(result.errors)", sourceLocation: sourceLocation) }
        #expect(!result.errors.contains("hush"), sourceLocation: sourceLocation)
    }

    @Test("because of a certificate says which, and with the right ones takes the task")
    func certificates() async throws {
        let certificates = try await Certificates()
        let port = try FreePort.next()
        let server = try await RedisServer.start(certificates.directives(port: port))
        let place = "rediss://localhost:\(port)?ca_file="
        let client = "&cert_file=\(certificates.client.certificate)&key_file=\(certificates.client.key)"
        let accepted = try await enqueue(place + certificates.authority.certificate + client)
        #expect(accepted.status == 0, "\(accepted.errors)")
        #expect(try await server.cli("SCARD", "tq:queues") == "1")

        try await complains(place + certificates.authority.certificate, "asks for a client certificate", "cert_file=")
        let others = try await Certificates()
        try await complains(
            place + others.authority.certificate + client, "is not signed by a trusted authority", "ca_file=")
        try await complains(place + "/no/such.pem", "/no/such.pem")
        try await complains("redis://localhost:\(port)", "if it expects TLS, use rediss://")
    }

    @Test("because of a password says so")
    func password() async throws {
        let server = try await RedisServer.start("requirepass right")
        try await complains("redis://:hush@127.0.0.1:\(server.port)", "refused the user or password")
        try await complains("redis://127.0.0.1:\(server.port)", "asks for a password")
        try await complains("redis://nobody:hush@127.0.0.1:\(server.port)", "refused the user or password")
        let accepted = try await enqueue("redis://:right@127.0.0.1:\(server.port)")
        #expect(accepted.status == 0, "\(accepted.errors)")
    }

    @Test(
        "because of its rules says what is missing",
        arguments: [
            "~* &* +@all -evalsha -eval", "~tq:queues &* +@all", "~* &* +@all -sadd", "~* resetchannels +@all",
            "~* &* +@all -hset", "~other:* &* +@all",
        ])
    func permissions(_ rules: String) async throws {
        let server = try await RedisServer.start("user limited on >hush resetkeys \(rules)")
        try await complains("redis://limited:hush@127.0.0.1:\(server.port)", "Grant the user")
    }

    @Test("because it is a replica, or full, says so")
    func unwilling() async throws {
        let master = try await RedisServer.start()
        let replica = try await RedisServer.start("replicaof 127.0.0.1 \(master.port)")
        try await complains(replica.url, "replica", "Point the client at the master")
        let full = try await RedisServer.start("maxmemory 1", "maxmemory-policy noeviction")
        try await complains(full.url, "Raise maxmemory or remove data")
    }

    @Test("because nobody is there says where", arguments: ["redis", "redis+sentinel", "redis+cluster"])
    func nobody(_ scheme: String) async throws {
        let place = "127.0.0.1:\(try FreePort.next())"
        try await complains(
            "\(scheme)://\(place)" + (scheme == "redis+sentinel" ? "/mine" : ""), "\(place) refused the connection")
    }
}
