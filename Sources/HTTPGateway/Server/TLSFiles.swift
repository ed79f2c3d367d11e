import Foundation
import Logging
import NIOCore
import NIOSSL
import Synchronization

/// A certificate chain and its key in PEM files, read again whenever they change.
public struct TLSFiles: Hashable, Sendable {
    /// The chain, the server's own certificate first.
    public var certificate: String
    /// Its private key.
    public var key: String

    /// Names the files.
    public init(certificate: String, key: String) {
        self.certificate = certificate
        self.key = key
    }

    func configuration(logger: Logger) throws -> TLSConfiguration {
        let pair = try load()
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: pair.chain, privateKey: pair.key)
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        let reloading = ReloadedPair(self, pair, logger: logger)
        configuration.sslContextCallback = { _, promise in
            promise.succeed(reloading.override())
        }
        return configuration
    }

    struct Pair {
        let chain: [NIOSSLCertificateSource]
        let key: NIOSSLPrivateKeySource
    }

    func load() throws(TLSFilesError) -> Pair {
        do {
            let chain = try NIOSSLCertificate.fromPEMFile(certificate).map { NIOSSLCertificateSource.certificate($0) }
            guard !chain.isEmpty else { throw TLSFilesError("\(certificate) holds no certificate in PEM") }
            return Pair(chain: chain, key: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
        } catch let error as TLSFilesError {
            throw error
        } catch {
            throw TLSFilesError("\(certificate) and \(key) can't be used as a certificate chain and its key in PEM")
        }
    }

    /// When the files were last written; nil if one is not there.
    var version: [Date]? {
        let dates = [certificate, key].compactMap {
            (try? FileManager.default.attributesOfItem(atPath: $0))?[.modificationDate] as? Date
        }
        return dates.count == 2 ? dates : nil
    }
}

/// Why a certificate can't be used.
public struct TLSFilesError: Error, CustomStringConvertible {
    /// One sentence; nothing of the key.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// The pair in force: a new connection after a change gets the new one; a pair that can't be read changes nothing.
private final class ReloadedPair: Sendable {
    private struct State {
        var override = NIOSSLContextConfigurationOverride.noChanges
        var version: [Date]?
        var lookedAt = ContinuousClock.now
    }

    private let files: TLSFiles
    private let logger: Logger
    private let state: Mutex<State>

    private static let lookInterval = Duration.seconds(1)

    init(_ files: TLSFiles, _ pair: TLSFiles.Pair, logger: Logger) {
        self.files = files
        self.logger = logger
        state = Mutex(State(version: files.version))
    }

    func override() -> NIOSSLContextConfigurationOverride {
        state.withLock { state in
            guard ContinuousClock.now - state.lookedAt >= Self.lookInterval else { return state.override }
            state.lookedAt = .now
            guard let version = files.version, version != state.version else { return state.override }
            state.version = version
            do throws(TLSFilesError) {
                let pair = try files.load()
                var override = NIOSSLContextConfigurationOverride()
                override.certificateChain = pair.chain
                override.privateKey = pair.key
                state.override = override
                logger.notice("certificate reloaded", metadata: ["file": "\(files.certificate)"])
            } catch {
                logger.error("certificate not reloaded; the old one stays", metadata: ["error": "\(error)"])
            }
            return state.override
        }
    }
}
