/// Sizes beyond which a broker refuses messages.
public struct BrokerLimits: Hashable, Sendable {
    /// Largest payload, in bytes.
    public var payloadBytesMax: Int
    /// Most tasks waiting in one queue; nil for no limit.
    public var queueLengthMax: Int?
    /// Most dead letters kept; the oldest give way.
    public var deadLettersMax: Int

    /// 1 MiB payloads, queues of any length, 10,000 dead letters.
    public init(payloadBytesMax: Int = 1 << 20, queueLengthMax: Int? = nil, deadLettersMax: Int = 10_000) {
        self.payloadBytesMax = payloadBytesMax
        self.queueLengthMax = queueLengthMax
        self.deadLettersMax = deadLettersMax
    }
}
