import Foundation

/// Certificates of an authority made for one test, as PEM files.
package struct Certificates: Sendable {
    /// A certificate and its private key.
    package struct Pair: Sendable {
        package let certificate: String
        package let key: String
    }

    private let folder: TemporaryFolder
    /// The authority that has signed the others.
    package let authority: Pair
    /// For `localhost` and 127.0.0.1.
    package let server: Pair
    /// For `elsewhere.test` alone.
    package let wrongHost: Pair
    /// For a client.
    package let client: Pair

    /// Makes them all with the `openssl` command.
    package init() async throws {
        let folder = try TemporaryFolder()
        self.folder = folder
        authority = try await Self.make("authority", in: folder, ["-addext", "keyUsage=critical,keyCertSign,cRLSign"])
        let signed = ["-CA", authority.certificate, "-CAkey", authority.key, "-addext", "basicConstraints=CA:FALSE"]
        let here = "subjectAltName=DNS:localhost,IP:127.0.0.1"
        server = try await Self.make("server", in: folder, signed + ["-addext", here])
        wrongHost = try await Self.make("wrong", in: folder, signed + ["-addext", "subjectAltName=DNS:elsewhere.test"])
        client = try await Self.make("client", in: folder, signed + ["-addext", "extendedKeyUsage=clientAuth"])
    }

    private static func make(_ name: String, in folder: TemporaryFolder, _ options: [String]) async throws -> Pair {
        let pair = Pair(certificate: folder.path(name + ".pem"), key: folder.path(name + ".key"))
        try await ServerProcess.run(
            [
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-days", "2", "-subj", "/CN=\(name)", "-keyout", pair.key, "-out", pair.certificate,
            ] + options)
        return pair
    }

    /// The directives of a server with a TLS port.
    /// - Parameter pair: What the server shows; nil for ``server``.
    package func directives(port: Int, showing pair: Pair? = nil, asksForClients: Bool = true) -> [String] {
        let pair = pair ?? server
        return [
            "tls-port \(port)", "tls-cert-file \(pair.certificate)", "tls-key-file \(pair.key)",
            "tls-ca-cert-file \(authority.certificate)", "tls-auth-clients \(asksForClients ? "yes" : "no")",
        ]
    }
}
