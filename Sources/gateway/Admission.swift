import Assembly
import Broker
import Foundation
import HTTPGateway
import Monitoring
import TaskQueue

/// From settings to who may do what.
enum Admission {
    /// Makes the access control that the settings ask for.
    /// - Throws: `SettingsError` for keys and files that can't be used.
    static func control(_ settings: GatewaySettings, _ broker: any TaskBroker) async throws -> AccessControl {
        func limit(_ perSecond: Int) -> RateLimit? { perSecond > 0 ? RateLimit(perSecond: Double(perSecond)) : nil }
        let shared = (broker as? RedisBroker).map { SharedRateCounter(broker: $0) }
        return AccessControl(
            keys: try keys(settings), verifiers: try await verifiers(settings), perKey: limit(settings.rates.key),
            perAddress: limit(settings.rates.address), counter: shared ?? LocalRateCounter())
    }

    /// All keys, from the settings and the file.
    static func keys(_ settings: GatewaySettings) throws(SettingsError) -> [APIKey] {
        var lines = settings.apiKeys.map { ("auth.api_keys", $0) }
        if let path = settings.apiKeysFile {
            for line in try contents(path, "auth.api_keys_file").split(whereSeparator: \.isNewline)
            where !line.hasPrefix("#") && !line.allSatisfy(\.isWhitespace) {
                lines.append((path, String(line)))
            }
        }
        var keys: [APIKey] = []
        for (number, (place, line)) in lines.enumerated() {
            guard let key = APIKey(line) else {
                throw SettingsError("\(place): entry \(number + 1) is no key; make one with queuectl keys create")
            }
            keys.append(key)
        }
        if keys.isEmpty, settings.apiKeysFile != nil {
            throw SettingsError("auth.api_keys_file: it holds no key; make one with queuectl keys create")
        }
        return keys
    }

    private static func verifiers(_ settings: GatewaySettings) async throws -> [TokenVerifier] {
        var expectation = TokenVerifier.Expectation()
        expectation.issuer = settings.jwtIssuer
        expectation.audience = settings.jwtAudience
        var verifiers: [TokenVerifier] = []
        do {
            if let secret = settings.jwtSecret {
                verifiers.append(try await TokenVerifier(secret: secret, expectation))
            }
            if let path = settings.jwtPublicKeyFile {
                let pem = try contents(path, "auth.jwt.public_key_file")
                verifiers.append(try await TokenVerifier(publicKeyPEM: pem, expectation))
            }
            if let path = settings.jwksFile {
                verifiers.append(try await TokenVerifier(jwks: try contents(path, "auth.jwt.jwks_file"), expectation))
            }
        } catch let error as KeyError {
            throw SettingsError("auth.jwt: \(error)")
        }
        return verifiers
    }

    private static func contents(_ path: String, _ key: String) throws(SettingsError) -> String {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw SettingsError("\(key): \(path) can't be read; check the path and its mode")
        }
        return String(decoding: data, as: UTF8.self)
    }

    /// Beyond this machine nobody is let in unasked.
    /// - Throws: `SettingsError`.
    static func check(_ address: ListenAddress, _ settings: GatewaySettings) throws(SettingsError) {
        guard !address.isLoopback, !settings.hasAccessControl, !settings.isInsecure else { return }
        throw SettingsError(
            "gateway.listen: \(address) can be reached from other machines, and nobody would be asked who they are; set "
                + "auth.api_keys_file (queuectl keys create makes one), or say --insecure")
    }
}

extension ListenAddress {
    /// Whether only this machine can reach it.
    var isLoopback: Bool {
        host == "localhost" || host == "::1" || host.hasPrefix("127.") && host.allSatisfy { $0.isNumber || $0 == "." }
    }
}

/// Counts for all gateways of a Redis.
private struct SharedRateCounter: RateCounter {
    let broker: RedisBroker

    func take(_ caller: String, _ limit: RateLimit) async throws -> Duration? {
        try await broker.countRequest(of: caller, perSecond: limit.perSecond, burst: limit.burst)
    }
}
