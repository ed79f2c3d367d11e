/// The mean service time as workers report it: the first at once, then at intervals, weighted by what ended since.
struct MovingMean {
    private(set) var mean: Double?
    private var sum = 0.0
    private var count = 0.0

    mutating func add(_ value: Double) {
        sum += value
        count += 1
        if mean == nil { mean = value }
    }

    mutating func update() {
        guard count > 0 else { return }
        let recent = sum / count
        mean = mean.map { $0 + (recent - $0) * count / (count + 20) } ?? recent
        (sum, count) = (0, 0)
    }
}
