internal import TaskQueue

/// What a worker has been given and has not settled, as far as answers have come.
///
/// Deliveries carry the place where they are noted, so that coming and going cost no search.
struct Holdings {
    /// What one exchange claimed; nil where it is settled.
    private struct Claimed {
        var ids: [TaskID?]
        var open: Int

        mutating func remove(_ id: TaskID, at place: Int) {
            guard ids.indices.contains(place), ids[place] == id else { return }
            ids[place] = nil
            open -= 1
        }
    }

    private var claimed: [UInt32: Claimed] = [:]
    /// What was claimed by no exchange, with its fence.
    private var others: [TaskID: Int64] = [:]

    /// All of it.
    var ids: [TaskID] { claimed.values.flatMap { $0.ids.compactMap(\.self) } + others.keys }

    /// The mark by which a delivery is found: the exchange that claimed it, from 1, and its place therein, from 0.
    static func ticket(trade: UInt32, place: Int) -> UInt64 {
        UInt64(trade) << 32 | UInt64(UInt32(truncatingIfNeeded: place))
    }

    /// Notes what an exchange claimed; the tickets are of places below their number.
    mutating func add(_ deliveries: [Delivery], of trade: UInt32) {
        guard !deliveries.isEmpty else { return }
        var ids = [TaskID?](repeating: nil, count: deliveries.count)
        for delivery in deliveries {
            let place = Int(UInt32(truncatingIfNeeded: delivery.ticket))
            if ids.indices.contains(place) { ids[place] = delivery.id }
        }
        claimed[trade] = Claimed(ids: ids, open: deliveries.count)
    }

    /// Notes a claim that was no exchange's.
    mutating func add(_ delivery: Delivery) {
        others[delivery.id] = delivery.fence
    }

    /// Lets go of what was settled; most follow others of the same exchange.
    mutating func remove(_ settled: [Settlement]) {
        var current: (trade: UInt32, claimed: Claimed)?
        for index in settled.indices {
            let delivery = settled[index].delivery
            let trade = UInt32(truncatingIfNeeded: delivery.ticket >> 32)
            if trade == 0 {
                if others[delivery.id] == delivery.fence { others[delivery.id] = nil }
                continue
            }
            if current?.trade != trade {
                putBack(current)
                current = claimed.removeValue(forKey: trade).map { (trade, $0) }
            }
            let place = Int(UInt32(truncatingIfNeeded: delivery.ticket))
            current?.claimed.remove(delivery.id, at: place)
        }
        putBack(current)
    }

    private mutating func putBack(_ current: (trade: UInt32, claimed: Claimed)?) {
        guard let current, current.claimed.open > 0 else { return }
        claimed[current.trade] = current.claimed
    }
}
