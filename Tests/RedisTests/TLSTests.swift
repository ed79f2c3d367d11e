import Redis
import TestSupport
import Testing

@Suite("Encrypted connections", .serialized, .timeLimit(.minutes(2)))
struct TLSTests {
    private let certificates: Certificates
    private let port: Int

    init() async throws {
        certificates = try await Certificates()
        port = try FreePort.next()
    }

    private var credentials: String {
        "&cert_file=\(certificates.client.certificate)&key_file=\(certificates.client.key)"
    }

    private func client(_ query: String, at host: String = "localhost") throws -> RedisClient {
        try RedisClient(to: "rediss://\(host):\(port)?ca_file=\(certificates.authority.certificate)\(query)") {
            $0.commandTimeout = .seconds(30)
        }
    }

    @Test("work with a client certificate, for a name and for an IP address", arguments: ["localhost", "127.0.0.1"])
    func works(_ host: String) async throws {
        let server = try await RedisServer.start(certificates.directives(port: port))
        let client = try client(credentials, at: host)
        try await client.send("SET", "a", .bytes([UInt8](repeating: 7, count: 3 << 20)))
        #expect(try await client.send("GET", "a").bytes?.count == 3 << 20)
        #expect(try await server.cli("STRLEN", "a") == String(3 << 20))
    }

    @Test("without the client certificate that the server asks for are refused in one sentence")
    func noClientCertificate() async throws {
        let server = try await RedisServer.start(certificates.directives(port: port))
        let error = try await client("").failure("PING")
        #expect(error.code == .tls)
        #expect(
            error.message
                == "localhost:\(port) asks for a client certificate; give cert_file= and key_file= in the Redis URL")
        #expect(try await server.cli("PING") == "PONG")
    }

    @Test("to a server with another authority's certificate are refused in one sentence")
    func wrongAuthority() async throws {
        let others = try await Certificates()
        let server = try await RedisServer.start(others.directives(port: port, asksForClients: false))
        let error = try await client("").failure("PING")
        #expect(error.code == .tls)
        #expect(
            error.message
                == "the certificate of localhost:\(port) is not signed by a trusted authority; "
                + "check ca_file= in the Redis URL")
        let trusting = try client("&verify=none")
        #expect(try await trusting.send("PING").string == "PONG")
        #expect(try await server.cli("PING") == "PONG")
    }

    @Test("to a server whose certificate is for another host are refused in one sentence")
    func wrongHost() async throws {
        let directives = certificates.directives(port: port, showing: certificates.wrongHost, asksForClients: false)
        let server = try await RedisServer.start(directives)
        for host in ["localhost", "127.0.0.1"] {
            let error = try await client("", at: host).failure("PING")
            #expect(error.code == .tls)
            #expect(error.message == "the certificate of \(host):\(port) is for another host name")
        }
        let lenient = try client("&verify=ca")
        #expect(try await lenient.send("PING").string == "PONG")
        #expect(try await server.cli("PING") == "PONG")
    }

    @Test("to a port without TLS fail in one sentence, whether the server hangs up or waits for more")
    func tlsAgainstPlain() async throws {
        let server = try await RedisServer.start()
        let silent = try await failure(of: "rediss://localhost:\(server.port)")
        #expect(
            silent.message == "localhost:\(server.port) did not answer in time; if it does not speak TLS, use redis://"
                || silent.message
                    == "localhost:\(server.port) does not speak TLS; use redis:// or open the server's TLS port"
        )
        let noise = try await NoiseServer.start(saying: "-ERR what?\r\n")
        let talkative = try await failure(of: noise.url.replacing("redis:", with: "rediss:"))
        #expect(talkative.code == .tls)
        #expect(talkative.message.hasSuffix("does not speak TLS; use redis:// or open the server's TLS port"))
    }

    @Test("are missed by a plain client, which is told in one sentence")
    func plainAgainstTLS() async throws {
        let server = try await RedisServer.start(certificates.directives(port: port))
        let error = try await failure(of: "redis://localhost:\(port)")
        #expect(error.code == .unavailable)
        #expect(error.message.hasSuffix("if it expects TLS, use rediss://"), "\(error)")
        #expect(try await server.cli("PING") == "PONG")
    }

    /// Why the first attempt to connect failed.
    private func failure(of url: String) async throws -> RedisError {
        let log = EventLog()
        let client = try RedisClient(to: url) {
            $0.connectTimeout = .seconds(1)
        } onEvent: {
            log.note($0)
        }
        _ = try await client.failure("PING")
        return try await log.firstFailure()
    }

    @Test("with files that can't be read are refused with the file's name")
    func files() async throws {
        let noAuthority = try RedisClient(to: "rediss://localhost:\(port)?ca_file=/no/ca.pem")
        let first = try await noAuthority.failure("PING")
        #expect(first.code == .configuration)
        #expect(first.message.contains("the TLS authority in /no/ca.pem can't be used"), "\(first)")
        let noKey = try await client("&cert_file=\(certificates.client.certificate)").failure("PING")
        #expect(noKey.message == "a client certificate needs both cert_file= and key_file= in the Redis URL")
        let swapped = "&cert_file=\(certificates.client.key)&key_file=\(certificates.client.certificate)"
        #expect(try await client(swapped).failure("PING").code == .configuration)
        let others = "&cert_file=\(certificates.client.certificate)&key_file=\(certificates.server.key)"
        #expect(try await client(others).failure("PING").code == .configuration)
    }
}
