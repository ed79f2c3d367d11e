/// Where a store reads the time; tests put a clock of their own in.
public struct StoreClock: Sendable {
    private let read: @Sendable () -> Timestamp

    /// Reads the time by a closure.
    public init(_ read: @escaping @Sendable () -> Timestamp) {
        self.read = read
    }

    /// The machine's wall clock.
    public static let wall = StoreClock { .now }

    /// The time now.
    public var now: Timestamp { read() }
}
