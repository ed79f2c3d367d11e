public import Fleet

/// `fleet.*`: how many worker processes a fleet has, and how long one lives.
public struct FleetSettings: Hashable, Sendable {
    /// `fleet.min` and `fleet.max`: how many workers there may be.
    public var workers = 1...1
    /// `fleet.recycle_*`: when a worker makes room for a fresh one, in a fleet or alone.
    public var recycling = RecyclingPolicy()

    static let keys: Set<String> = [
        "fleet.min", "fleet.max", "fleet.recycle_seconds", "fleet.recycle_tasks", "fleet.recycle_rss_bytes",
    ]

    /// The defaults.
    public init() {}

    init(_ reading: inout SettingsReading) {
        let least = reading.number("fleet.min", 0...Self.workersMax, 1)
        let most = reading.number("fleet.max", 0...Self.workersMax, 0)
        if most > 0, most < least { reading.complain("fleet.max", "must not be less than fleet.min") }
        workers = least...max(least, most, 1)
        recycling.age = Self.limit(reading.number("fleet.recycle_seconds", 0...31_536_000, 0)).map { .seconds($0) }
        recycling.tasks = Self.limit(reading.number("fleet.recycle_tasks", 0...Int.max, 0))
        recycling.residentBytes = Self.limit(reading.number("fleet.recycle_rss_bytes", 0...Int.max, 0))
    }

    private static let workersMax = 512

    private static func limit(_ number: Int) -> Int? { number > 0 ? number : nil }
}
