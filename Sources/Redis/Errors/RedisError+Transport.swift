internal import NIOCore
internal import NIOPosix
internal import NIOSSL

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

extension RedisError {
    /// A failure of the transport, in words.
    init(_ error: any Error, at address: RedisAddress) {
        switch error {
        case let error as RedisError:
            self = error
        case let error as NIOConnectionError:
            self.init(.unavailable, Self.sentence(error, at: address))
        case let error as ChannelError:
            self.init(.unavailable, Self.sentence(error, at: address))
        case let error as IOError:
            self.init(.unavailable, "\(address) \(Self.words(error))")
        case NIOSSLError.uncleanShutdown:
            self.init(.unavailable, "\(address) cut the TLS connection off")
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError:
            self.init(.tls, Self.tlsSentence(String(describing: error), at: address))
        default:
            self.init(.unavailable, "\(address) can't be reached: \(error)")
        }
    }

    private static func sentence(_ error: NIOConnectionError, at address: RedisAddress) -> String {
        if let attempt = error.connectionErrors.first {
            return RedisError(attempt.error, at: address).message
        }
        if let cause = error.dnsAError ?? error.dnsAAAAError {
            return "the name \(address.host) was not found: \(cause)"
        }
        return "\(address) can't be reached"
    }

    private static func sentence(_ error: ChannelError, at address: RedisAddress) -> String {
        switch error {
        case .connectTimeout: "\(address) did not accept a connection in time"
        case .ioOnClosedChannel, .alreadyClosed, .inputClosed, .outputClosed, .eof: "\(address) closed the connection"
        default: "\(address) can't be reached: \(error)"
        }
    }

    private static func words(_ error: IOError) -> String {
        switch error.errnoCode {
        case ECONNREFUSED: "refused the connection: nothing listens there"
        case ECONNRESET: "reset the connection"
        case EPIPE: "closed the connection"
        case ENOENT: "does not exist: no server has opened this socket"
        case EHOSTUNREACH, ENETUNREACH: "is on a network that can't be reached"
        default: "can't be reached: \(error)"
        }
    }

    private static func tlsSentence(_ detail: String, at address: RedisAddress) -> String {
        if detail.contains("failedToValidateHostname") {
            return "the certificate of \(address) is for another host name"
        }
        if detail.contains("CERTIFICATE_VERIFY_FAILED") {
            return "the certificate of \(address) is not signed by a trusted authority; check ca_file= in the Redis URL"
        }
        if detail.contains("CERTIFICATE_REQUIRED") || detail.contains("HANDSHAKE_FAILURE") {
            return "\(address) asks for a client certificate; give cert_file= and key_file= in the Redis URL"
        }
        if detail.contains("WRONG_VERSION_NUMBER") {
            return "\(address) does not speak TLS; use redis:// or open the server's TLS port"
        }
        return "the TLS handshake with \(address) failed: \(detail)"
    }
}
