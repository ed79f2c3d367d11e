/// Where each piece of memory of a run lies within one arena, worked out from what an earlier run asked for.
struct MemoryPlan: Sendable {
    /// One piece: its size, and the moments between which it was in use.
    struct Request: Sendable {
        let byteCount: Int
        let from: Int
        var to: Int
    }

    let requests: [Request]
    let offsets: [Int]
    /// Bytes of the arena.
    let byteCount: Int

    /// Places the largest piece first, each as low as those already placed and in use at the same time allow.
    ///
    /// "Greedy by size", Pisarchyk and Lee, "Efficient Memory Management for Deep Neural Net Inference", 2020.
    init(_ requests: [Request]) {
        self.requests = requests
        var offsets = [Int](repeating: 0, count: requests.count)
        var placed = [Int]()
        var end = 0
        for index in requests.indices.sorted(by: { requests[$0].byteCount > requests[$1].byteCount }) {
            let request = requests[index]
            var offset = 0
            for other in placed where requests[other].from < request.to && request.from < requests[other].to {
                if offsets[other] >= offset + request.byteCount { break }
                offset = max(offset, offsets[other] + requests[other].byteCount)
            }
            offsets[index] = offset
            let position = placed.firstIndex { offsets[$0] > offset } ?? placed.count
            placed.insert(index, at: position)
            end = max(end, offset + request.byteCount)
        }
        self.offsets = offsets
        byteCount = end
    }
}
