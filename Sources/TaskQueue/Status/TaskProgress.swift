/// How far a running attempt is.
public struct TaskProgress: Hashable, Sendable, Codable {
    /// From 0 to 1.
    public var fraction: Double
    /// What it is doing now.
    public var message: String?
    /// Seconds until it expects to end.
    public var etaSeconds: Double?

    private enum CodingKeys: String, CodingKey {
        case fraction, message
        case etaSeconds = "eta_seconds"
    }

    /// Describes progress; a fraction outside 0…1 is clamped, one that is not a number becomes 0.
    public init(_ fraction: Double, _ message: String? = nil, eta: Duration? = nil) {
        self.fraction = fraction.isNaN ? 0 : min(max(fraction, 0), 1)
        self.message = message.map { String($0.prefix(200)) }
        etaSeconds = eta?.inSeconds
    }
}
