/// How long tasks take up their slots, by queue.
///
/// Adding one costs a comparison, because most follow one of the same queue; the averages are made when they are asked
/// for. A plain value, tested by calling it.
struct ServiceTimes {
    private struct Entry {
        let queue: String
        var mean: Double?
        /// Since the mean was last brought up to date.
        var seconds = 0.0
        var count = 0
    }

    private var entries: [Entry] = []
    private var last = 0

    /// So many tasks weigh as much as all before them.
    private static let memory = 20.0

    /// Notes that a task took up a slot, or its share of one.
    /// - Returns: Whether it is the first of its queue.
    @discardableResult
    mutating func add(_ seconds: Double, of queue: String) -> Bool {
        if !entries.indices.contains(last) || entries[last].queue != queue {
            last = entries.firstIndex { $0.queue == queue } ?? entries.endIndex
            if last == entries.endIndex { entries.append(Entry(queue: queue)) }
        }
        entries[last].seconds += seconds
        entries[last].count += 1
        return entries[last].mean == nil && entries[last].count == 1
    }

    /// The moving averages, in seconds, and the queues of which something has ended since the last call.
    mutating func means() -> (all: [String: Double], new: Set<String>) {
        let new = entries.filter { $0.count > 0 }.map(\.queue)
        for index in entries.indices where entries[index].count > 0 {
            let entry = entries[index]
            let recent = entry.seconds / Double(entry.count)
            let weight = Double(entry.count) / (Double(entry.count) + Self.memory)
            entries[index].mean = entry.mean.map { $0 + (recent - $0) * weight } ?? recent
            entries[index].seconds = 0
            entries[index].count = 0
        }
        return (entries.reduce(into: [:]) { means, entry in means[entry.queue] = entry.mean }, Set(new))
    }
}
