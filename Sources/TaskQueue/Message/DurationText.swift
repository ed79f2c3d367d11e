extension Duration {
    /// Reads a duration as people type it: `500ms`, `10s`, `5m`, `2h`, `1d`; a bare number is seconds.
    ///
    /// Nil if it is none or longer than ten years.
    public init?(typed text: some StringProtocol) {
        let units: [(suffix: String, milliseconds: Double)] = [
            ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
        ]
        let unit = units.first { text.hasSuffix($0.suffix) }
        let digits = text.dropLast(unit?.suffix.count ?? 0)
        // Swift reads 0x10, 1e3 and nan too; nobody means those.
        guard digits.allSatisfy({ $0.isASCII && $0.isNumber || $0 == "." }), let number = Double(digits) else {
            return nil
        }
        let milliseconds = number * (unit?.milliseconds ?? 1000)
        guard milliseconds <= 10 * 365 * 86_400_000 else { return nil }
        self = .milliseconds(Int64(milliseconds))
    }
}
