/// All a client needs to know.
public struct RedisConfiguration: Hashable, Sendable {
    /// The servers.
    public var servers: RedisServers
    /// What the servers ask for; nil for nothing.
    public var credentials: RedisCredentials?
    /// What the sentinels ask for; nil for nothing.
    public var sentinelCredentials: RedisCredentials?
    /// The number of the database; a cluster has only 0.
    public var database: Int
    /// How connections are encrypted; nil for not at all.
    public var tls: RedisTLS?
    /// How long connecting may take, from the name's lookup to the accepted password.
    ///
    /// Less than the command timeout, so that a caller who waits in vain can be told why.
    public var connectTimeout: Duration = .seconds(3)
    /// How long a command may take, waiting for a connection included.
    public var commandTimeout: Duration = .seconds(5)
    /// After so long without a reply a PING finds out whether the server is still there.
    public var idleInterval: Duration = .seconds(15)
    /// The shortest pause between attempts to connect.
    public var backOffMinimum: Duration = .milliseconds(50)
    /// The longest pause between attempts to connect.
    public var backOffMaximum: Duration = .seconds(2)
    /// What `CLIENT LIST` shows, without blanks; nil for nothing.
    public var clientName: String?
    /// The most bytes one reply may have.
    public var replyLimit = 512 << 20

    /// Where connections live; each client sets its own.
    var loop: ClientLoop?

    /// Makes a configuration with the default deadlines.
    public init(
        servers: RedisServers, credentials: RedisCredentials? = nil, database: Int = 0, tls: RedisTLS? = nil
    ) {
        self.servers = servers
        self.credentials = credentials
        self.database = database
        self.tls = tls
    }

    /// Reads a URL.
    ///
    /// The forms: `redis://[[user]:password@]host[:port][/database]`, `unix:///path/of/socket[?database=1]`,
    /// `redis+sentinel://[[user]:password@]host[:port],…/master[/database]` and `redis+cluster://host[:port],…`.
    /// `rediss` instead of `redis` means TLS; then `ca_file=`, `cert_file=`, `key_file=` (PEM files) and `verify=full|ca|none` may
    /// follow after `?`. The sentinels' own password is `?sentinel-user=…&sentinel-password=…`.
    public init(url: String) throws(RedisError) {
        self = try RedisURL(url).configuration()
    }
}
