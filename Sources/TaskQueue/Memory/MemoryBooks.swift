/// The memory broker's books: every live task, and the one place where each stands.
///
/// A task is in exactly one of three places: ready in a lane, scheduled for a time, or claimed by a worker.
/// The other drivers keep the same books in tables and keys.
package struct MemoryBooks {
    /// A class, because a claim and a settlement change one entry many times, and looking it up costs more than the
    /// change; it never leaves the books.
    final class Entry {
        let message: TaskMessage
        let enqueuedAt: Timestamp
        var expiresAt: Timestamp?
        /// Attempts that were spent.
        var attempts = 0
        /// Deliveries so far; the last one's fence.
        var deliveries: Int64 = 0
        var deaths = 0
        var isCancelled = false
        /// Two deaths may still be chance; from then on a task runs only where the next death can be blamed on it.
        var isSuspect: Bool { deaths >= 2 }
        /// Nil only until it is put somewhere for the first time.
        var place: Place?
        /// Where it waits when it is ready.
        let lane: MemoryLane
        var history: [AttemptRecord] = []
        var progress: TaskProgress?

        init(message: TaskMessage, enqueuedAt: Timestamp, lane: MemoryLane) {
            self.message = message
            self.lane = lane
            self.enqueuedAt = enqueuedAt
        }
    }

    enum Place {
        case ready
        case scheduled(Timestamp)
        case claimed(by: Holder, at: Timestamp)
    }

    struct LaneKey: Hashable {
        let queue: String
        let task: String
    }

    struct UniqueKey {
        var id: TaskID
        var until: Timestamp
    }

    /// A worker and what it holds.
    final class Holder {
        let worker: String
        var leaseExpiresAt: Timestamp
        let leaseDuration: Duration
        var claims: Set<TaskID> = []
        /// Those of its claims that someone asked to cancel.
        var cancelled: Set<TaskID> = []
        var orders: [WorkerOrder] = []
        var report: WorkerReport?

        init(_ lease: WorkerLease, at now: Timestamp) {
            worker = lease.worker
            leaseExpiresAt = now + lease.duration
            leaseDuration = lease.duration
        }
    }

    var limits: BrokerLimits
    var tasks: [TaskID: Entry] = [:]
    var lanes: [LaneKey: MemoryLane] = [:]
    var scheduled: [TaskID: Timestamp] = [:]
    var holders: [String: Holder] = [:]
    var uniqueKeys: [String: UniqueKey] = [:]
    var knownQueues: Set<String> = []
    var paused: Set<String> = []
    /// By queue, since the broker was made.
    var accepted: [String: Int64] = [:]
    var finished: [String: Int64] = [:]
    var serviceSeconds: [String: Double] = [:]
    package var dead: [TaskID: DeadLetter] = [:]

    init(limits: BrokerLimits) {
        self.limits = limits
    }

    // MARK: Accepting

    mutating func enqueue(_ message: TaskMessage, at now: Timestamp) -> EnqueueReceipt {
        guard tasks[message.id] == nil else { return .duplicate(of: message.id) }
        if let key = message.uniqueKey, let holder = uniqueKeys[key], tasks[holder.id] != nil || holder.until > now {
            return .duplicate(of: holder.id)
        }
        if let refusal = refusal(of: message) { return .refused(refusal) }
        if let key = message.uniqueKey {
            uniqueKeys[key] = UniqueKey(id: message.id, until: now + (message.uniqueFor ?? .zero))
        }
        knownQueues.insert(message.queue)
        let due = message.notBefore?.resolved(at: now) ?? now
        let entry = Entry(message: message, enqueuedAt: now, lane: lane(of: message))
        entry.expiresAt = message.expires?.resolved(at: now)
        tasks[message.id] = entry
        place(message.id, due > now ? .scheduled(due) : .ready)
        accepted[message.queue, default: 0] += 1
        return .accepted(message.id)
    }

    private mutating func lane(of message: TaskMessage) -> MemoryLane {
        let key = LaneKey(queue: message.queue, task: message.task)
        if let lane = lanes[key] { return lane }
        let lane = MemoryLane()
        lanes[key] = lane
        return lane
    }

    private func refusal(of message: TaskMessage) -> EnqueueReceipt.Refusal? {
        if message.payload.count > limits.payloadBytesMax {
            return .payloadTooLarge(bytes: message.payload.count, limit: limits.payloadBytesMax)
        }
        if let limit = limits.queueLengthMax, waiting(in: message.queue) >= limit {
            return .queueFull(queue: message.queue, limit: limit)
        }
        return nil
    }

    private func waiting(in queue: String) -> Int {
        lanes.reduce(0) { $1.key.queue == queue ? $0 + $1.value.count : $0 }
            + scheduled.keys.count { tasks[$0]?.message.queue == queue }
    }

    // MARK: Moving

    /// Puts a task in its place, out of the one it had; the only code that moves one.
    mutating func place(_ id: TaskID, _ place: Place, handedBack: Bool = false) {
        guard let entry = tasks[id] else { return }
        leave(id, entry)
        entry.place = place
        switch place {
        case .ready where handedBack: entry.lane.putBack(id, entry.message.priority)
        case .ready: entry.lane.append(id, entry.message.priority)
        case .scheduled(let due): scheduled[id] = due
        case .claimed(let holder, _): holder.claims.insert(id)
        }
    }

    /// Removes a task from the books.
    mutating func remove(_ id: TaskID) {
        guard let entry = tasks.removeValue(forKey: id) else { return }
        leave(id, entry)
        if let key = entry.message.uniqueKey, uniqueKeys[key]?.id == id, entry.message.uniqueFor == nil {
            uniqueKeys[key] = nil
        }
    }

    private mutating func leave(_ id: TaskID, _ entry: Entry) {
        switch entry.place {
        case .ready: entry.lane.remove(id, entry.message.priority)
        case .scheduled: scheduled[id] = nil
        case .claimed(let holder, _):
            holder.claims.remove(id)
            if entry.isCancelled { holder.cancelled.remove(id) }
        case nil: break
        }
    }

    /// When the next scheduled task falls due.
    var nextDue: Timestamp? { scheduled.values.min() }

    // MARK: Damage, for tests

    /// Forgets every worker but leaves what it held marked as claimed.
    package mutating func loseHolders() {
        holders = [:]
    }

    /// Forgets a task but leaves its place in the queue.
    package mutating func loseTask(_ id: TaskID) {
        tasks[id] = nil
    }
}
