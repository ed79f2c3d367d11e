internal import NIOSSL

extension RedisTLS {
    /// Reads the files and makes what connections are encrypted with.
    func context() throws(RedisError) -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification =
            switch verification {
            case .full: .fullVerification
            case .ca: .noHostnameVerification
            case .none: .none
            }
        if let authority { configuration.trustRoots = .file(authority) }
        switch (certificate, key) {
        case (nil, nil): break
        case (let certificate?, let key?):
            configuration.certificateChain = try Self.read(certificate, "certificate") {
                try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) }
            }
            configuration.privateKey = try Self.read(key, "private key") {
                .privateKey(try NIOSSLPrivateKey(file: key, format: .pem))
            }
        default:
            throw RedisError(
                .configuration, "a client certificate needs both cert_file= and key_file= in the Redis URL")
        }
        return try Self.read(authority ?? "the system's authorities", "authority") {
            try NIOSSLContext(configuration: configuration)
        }
    }

    private static func read<Part>(
        _ file: String, _ what: String, _ body: () throws -> Part
    ) throws(RedisError) -> Part {
        do {
            return try body()
        } catch {
            throw RedisError(.configuration, "the TLS \(what) in \(file) can't be used: \(error)")
        }
    }
}
