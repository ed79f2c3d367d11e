/// The memory of one run at a time: the first run asks for each piece, later ones find all in an arena planned from it.
///
/// `@unchecked Sendable` holds because a run has the workspace to itself: the model hands it out and takes it back under
/// a lock, and no storage lent by it outlives the run.
final class Workspace: @unchecked Sendable {
    /// The most bytes one run may have in use at the same time.
    static let bytesMax = 1 << 31

    private var plan: MemoryPlan?
    private var arena: UnsafeMutableRawPointer?
    private var requests: [MemoryPlan.Request] = []
    private var clock = 0
    private var inUse = 0
    /// What is lent at this moment, by ticket: parts of the arena, and memory outside it.
    private var lent: [Int: Range<Int>] = [:]
    private var separate: [Int: UnsafeMutableRawPointer] = [:]

    /// The most bytes that were in use at the same time, of runs so far.
    private(set) var peak = 0

    /// Bytes of the arena, once it is planned.
    var arenaByteCount: Int { plan?.byteCount ?? 0 }

    deinit {
        arena?.deallocate()
    }

    /// Begins a run; all memory of the run before has been taken back.
    func begin() {
        requests = []
        clock = 0
        if let plan, arena == nil {
            arena = .allocate(byteCount: max(plan.byteCount, 1), alignment: Storage.alignment)
        }
    }

    /// Ends a run that was not cut short: the next one is planned from it.
    func finish() {
        if plan == nil { plan = MemoryPlan(requests) }
    }

    /// Memory for one piece; throws when the run would hold more than `bytesMax`.
    func lend(_ wanted: Int, at place: @autoclosure () -> String) throws(InferenceError) -> Storage {
        let byteCount = (max(wanted, 1) + Storage.alignment - 1) / Storage.alignment * Storage.alignment
        guard inUse + byteCount <= Workspace.bytesMax else {
            throw InferenceError(
                .shapeMismatch, what: "The run needs too much memory", place: place(),
                cause: "it would hold more than \(Workspace.bytesMax) bytes at once",
                remedy: "Give a smaller input or batch")
        }
        let ticket = requests.count
        requests.append(MemoryPlan.Request(byteCount: byteCount, from: clock, to: .max))
        clock += 1
        inUse += byteCount
        peak = max(peak, inUse)
        if let arena, let range = planned(ticket, byteCount) {
            lent[ticket] = range
            return Storage(lentBy: self, at: arena + range.lowerBound, ticket: ticket)
        }
        let start = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: Storage.alignment)
        separate[ticket] = start
        return Storage(lentBy: self, at: start, ticket: ticket)
    }

    /// Called by a storage at its end.
    func takeBack(_ ticket: Int) {
        requests[ticket].to = clock
        clock += 1
        inUse -= requests[ticket].byteCount
        lent[ticket] = nil
        separate.removeValue(forKey: ticket)?.deallocate()
    }

    /// The piece's place in the arena, if this run goes as the planned one did and the place is indeed free.
    private func planned(_ ticket: Int, _ byteCount: Int) -> Range<Int>? {
        guard let plan, ticket < plan.requests.count, plan.requests[ticket].byteCount == byteCount else { return nil }
        let range = plan.offsets[ticket]..<plan.offsets[ticket] + byteCount
        return lent.values.contains { $0.overlaps(range) } ? nil : range
    }
}
