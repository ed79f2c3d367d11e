/// Limits and manners of a gateway.
public struct GatewayConfiguration: Sendable {
    /// Largest input of one task, in bytes; the broker's limit.
    public var inputBytesMax = 1 << 20
    /// Largest body of a batch or a picture, in bytes.
    public var bodyBytesMax = 16 << 20
    /// How long a body may take to arrive.
    public var bodyTimeout = Duration.seconds(15)
    /// How long the broker and the result store may take to answer; then it is 503.
    public var storeTimeout = Duration.milliseconds(900)
    /// Longest `?wait=`.
    public var waitMax = Duration.seconds(60)
    /// Longest event stream; whoever wants to hear more asks again, and is then asked for a key that is still good.
    public var streamMax = Duration.seconds(3600)
    /// Long polls and event streams that may be open at once; more are 503.
    public var waitersMax = 10_000
    /// A comment goes down an idle event stream this often, so that proxies keep it open.
    public var keepAlive = Duration.seconds(15)
    /// Pages of other sites that may use the interface, as `https://ops.example.com`; none unless listed.
    public var allowedOrigins: Set<String> = []
    /// Names under which the gateway may be reached; nil for any.
    ///
    /// Without access control a page of another site could otherwise reach it under a name of its own.
    public var allowedHosts: Set<String>?
    /// Pictures that may be in `/predict` at once, those that wait for a thread among them; more are 429.
    public var predictionsMax = 16
    /// The version that the interface's description names.
    public var version = "0.1.0"

    /// The defaults.
    public init() {}
}
