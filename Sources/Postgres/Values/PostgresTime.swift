/// Milliseconds since 1970, as programs count, and microseconds since 2000, as PostgreSQL does.
public enum PostgresTime {
    private static let epoch: Int64 = 946_684_800_000

    /// A point in time for a `timestamptz`; beyond the years it can hold, `infinity` or `-infinity`.
    public static func microseconds(_ milliseconds: Int64) -> Int64 {
        // From 4714 BC to the year 294276.
        guard milliseconds < 9_224_318_016_000_000 else { return .max }
        guard milliseconds > -210_866_803_200_000 else { return .min }
        return (milliseconds - epoch) * 1000
    }

    /// A `timestamptz` in milliseconds since 1970; `infinity` is as late as can be.
    public static func milliseconds(_ microseconds: Int64) -> Int64 {
        if microseconds == .max || microseconds == .min { return microseconds }
        // Rounded down, before 2000 too.
        let (whole, rest) = microseconds.quotientAndRemainder(dividingBy: 1000)
        return (rest < 0 ? whole - 1 : whole) + epoch
    }
}
