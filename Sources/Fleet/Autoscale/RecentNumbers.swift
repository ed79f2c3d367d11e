/// Numbers of workers and when they were so, no longer than they matter.
struct RecentNumbers: Sendable {
    private var entries: [(time: Duration, workers: Int)] = []

    var isEmpty: Bool { entries.isEmpty }

    mutating func add(_ workers: Int, at time: Duration, keeping span: Duration) {
        entries.removeAll { $0.time < time - span }
        entries.append((time, workers))
    }

    func lowest(since time: Duration) -> Int? {
        entries.lazy.filter { $0.time >= time }.map(\.workers).min()
    }

    func highest(since time: Duration) -> Int? {
        entries.lazy.filter { $0.time >= time }.map(\.workers).max()
    }
}
