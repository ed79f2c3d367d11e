public import Logging
public import Monitoring
import TaskQueue

/// How a gateway serves, and whom: the keys `gateway.*` and `auth.*`.
public struct GatewaySettings: Sendable {
    /// `gateway.listen`: where it listens.
    public var listen = ListenAddress("127.0.0.1:8000")
    /// `gateway.insecure`: whether it may listen beyond loopback without access control.
    public var isInsecure = false
    /// `gateway.tls_certificate`, `gateway.tls_key`: PEM files; plain HTTP without.
    public var tls: (certificate: String, key: String)?
    /// `gateway.body_bytes_max`: largest body of a batch or a picture.
    public var bodyBytesMax = 16 << 20
    /// `gateway.body_seconds`: how long a body may take to arrive.
    public var bodySeconds = 15
    /// `gateway.wait_seconds_max`: longest `?wait=`.
    public var waitSecondsMax = 60
    /// `gateway.stream_seconds_max`: longest event stream; 0 ends it after the first event.
    public var streamSecondsMax = 3600
    /// `gateway.drain_seconds`: how long `/ready` says no before a stop.
    public var drainSeconds = 0
    /// `gateway.cors_origins`: pages of other sites that may use it.
    public var corsOrigins: [String] = []
    /// `gateway.rate_per_key`, `gateway.rate_per_address`: requests a second; 0 for no limit.
    public var rates = (key: 0, address: 0)
    /// `gateway.predictions`: pictures classified at once.
    public var predictions = 2
    /// `gateway.workers_min`, `gateway.workers_max`: least and most workers that `/autoscale` asks for.
    public var workers = (least: 0, most: 10)
    /// `auth.api_keys`: lines as `queuectl keys create` prints them.
    public var apiKeys: [String] = []
    /// `auth.api_keys_file`: a file of such lines, read again on SIGHUP.
    public var apiKeysFile: String?
    /// `auth.jwt.secret`: what HS256 tokens are signed with.
    public var jwtSecret: String?
    /// `auth.jwt.public_key_file`: what RS256 or ES256 tokens are checked with, PEM.
    public var jwtPublicKeyFile: String?
    /// `auth.jwt.jwks_file`: several such keys.
    public var jwksFile: String?
    /// `auth.jwt.issuer`, `auth.jwt.audience`: what tokens must name.
    public var jwtIssuer: String?
    /// The `aud` that tokens must name.
    public var jwtAudience: String?

    static let keys: Set<String> = [
        "gateway.listen", "gateway.insecure", "gateway.tls_certificate", "gateway.tls_key", "gateway.body_bytes_max",
        "gateway.body_seconds", "gateway.drain_seconds", "gateway.wait_seconds_max",
        "gateway.stream_seconds_max", "gateway.cors_origins", "gateway.rate_per_key", "gateway.rate_per_address",
        "gateway.predictions", "gateway.workers_min", "gateway.workers_max", "auth.api_keys", "auth.api_keys_file",
        "auth.jwt.secret", "auth.jwt.public_key_file", "auth.jwt.jwks_file", "auth.jwt.issuer", "auth.jwt.audience",
    ]

    /// The defaults.
    public init() {}

    init(_ reading: inout SettingsReading) {
        let address = reading.text("gateway.listen", "127.0.0.1:8000")
        listen = ListenAddress(address)
        if listen == nil { reading.complain("gateway.listen", "must be HOST:PORT, as 127.0.0.1:8000") }
        isInsecure = reading.choice("gateway.insecure", ["true", "false"], "false") == "true"
        readServing(&reading)
        apiKeys = reading.list("auth.api_keys")
        apiKeysFile = reading.filled("auth.api_keys_file")
        jwtSecret = reading.filled("auth.jwt.secret")
        jwtPublicKeyFile = reading.filled("auth.jwt.public_key_file")
        jwksFile = reading.filled("auth.jwt.jwks_file")
        jwtIssuer = reading.filled("auth.jwt.issuer")
        jwtAudience = reading.filled("auth.jwt.audience")
    }

    private mutating func readServing(_ reading: inout SettingsReading) {
        switch (reading.filled("gateway.tls_certificate"), reading.filled("gateway.tls_key")) {
        case (let certificate?, let key?): tls = (certificate, key)
        case (nil, nil): break
        default: reading.complain("gateway.tls_key", "goes with gateway.tls_certificate; give both or none")
        }
        bodyBytesMax = reading.number("gateway.body_bytes_max", 1024...1 << 30, bodyBytesMax)
        bodySeconds = reading.number("gateway.body_seconds", 1...3600, bodySeconds)
        waitSecondsMax = reading.number("gateway.wait_seconds_max", 0...3600, waitSecondsMax)
        streamSecondsMax = reading.number("gateway.stream_seconds_max", 0...604_800, streamSecondsMax)
        drainSeconds = reading.number("gateway.drain_seconds", 0...3600, drainSeconds)
        corsOrigins = reading.list("gateway.cors_origins")
        rates.key = reading.number("gateway.rate_per_key", 0...1_000_000, 0)
        rates.address = reading.number("gateway.rate_per_address", 0...1_000_000, 0)
        predictions = reading.number("gateway.predictions", 1...512, predictions)
        workers.least = reading.number("gateway.workers_min", 0...10_000, workers.least)
        workers.most = reading.number("gateway.workers_max", 0...10_000, workers.most)
        if workers.least > workers.most {
            reading.complain("gateway.workers_min", "must not be over gateway.workers_max")
        }
    }

    /// Whether callers must say who they are.
    public var hasAccessControl: Bool {
        !apiKeys.isEmpty || apiKeysFile != nil || jwtSecret != nil || jwtPublicKeyFile != nil || jwksFile != nil
    }

    /// What is in force, for the log; no secret, no key.
    public var effective: Logger.Metadata {
        [
            "gateway.listen": "\(listen.map { "\($0)" } ?? "")", "gateway.insecure": "\(isInsecure)",
            "gateway.tls": "\(tls != nil)", "gateway.body_bytes_max": "\(bodyBytesMax)",
            "gateway.cors_origins": "\(corsOrigins)", "gateway.rate_per_key": "\(rates.key)",
            "gateway.rate_per_address": "\(rates.address)", "gateway.predictions": "\(predictions)",
            "auth.api_keys": "\(apiKeys.count)", "auth.api_keys_file": "\(apiKeysFile ?? "")",
            "auth.jwt": "\(jwtSecret != nil || jwtPublicKeyFile != nil || jwksFile != nil)",
        ]
    }
}
