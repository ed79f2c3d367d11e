extension MemoryBooks {
    // MARK: Claiming

    mutating func claim(_ claim: Claim, by worker: String, at now: Timestamp) -> [Delivery] {
        guard let holder = holders[worker] else { return [] }
        promote(at: now)
        let open = lanes.compactMap { key, lane -> MemoryLane? in
            let isOpen =
                claim.tasks.contains(key.task) && claim.queues?.contains(key.queue) ?? true
                && !paused.contains(key.queue)
            return isOpen ? lane : nil
        }
        var deliveries: [Delivery] = []
        var setAside: [TaskID] = []
        while deliveries.count < claim.count, let (lane, id) = Self.mostUrgent(open) {
            guard let entry = tasks[id] else {
                lane.removeFirst()
                continue
            }
            if entry.isSuspect, holder.claims.contains(where: { tasks[$0]?.isSuspect ?? false }) {
                setAside.append(id)
                place(id, .scheduled(now))
                continue
            }
            deliveries.append(deliver(id, entry, to: holder, at: now))
        }
        for id in setAside.reversed() { place(id, .ready, handedBack: true) }
        return deliveries
    }

    private static func mostUrgent(_ open: [MemoryLane]) -> (MemoryLane, TaskID)? {
        var best: (lane: MemoryLane, priority: Int, id: TaskID)?
        for lane in open {
            guard let first = lane.first else { continue }
            if let best, (best.priority, first.id) >= (first.priority, best.id) { continue }
            best = (lane, first.priority, first.id)
        }
        return best.map { ($0.lane, $0.id) }
    }

    mutating func deliver(_ id: TaskID, _ entry: Entry, to holder: Holder, at now: Timestamp) -> Delivery {
        place(id, .claimed(by: holder, at: now))
        entry.deliveries += 1
        entry.attempts += 1
        return Delivery(
            id: id, content: .success(entry.message), task: entry.message.task, queue: entry.message.queue,
            fence: entry.deliveries, attempt: entry.attempts, deaths: entry.deaths, enqueuedAt: entry.enqueuedAt,
            claimedAt: now, isExpired: entry.attempts == 1 && entry.expiresAt.map { $0 <= now } ?? false,
            isCancelled: entry.isCancelled, history: entry.history)
    }

    private mutating func promote(at now: Timestamp) {
        guard !scheduled.isEmpty else { return }
        let due = scheduled.filter { $0.value <= now }.sorted { ($0.value, $0.key) < ($1.value, $1.key) }
        for (id, _) in due { place(id, .ready) }
    }

    // MARK: Settling

    /// Applies a settlement; false if the worker no longer owns that delivery.
    mutating func settle(_ settlement: Settlement, by worker: String, at now: Timestamp) -> Bool {
        guard let entry = tasks[settlement.id], entry.deliveries == settlement.fence,
            case .claimed(let holder, _) = entry.place, holder.worker == worker
        else { return false }
        switch settlement.verdict {
        case .finish(let record):
            if record.state == .failure { bury(entry, record, at: now) }
            finished[entry.message.queue, default: 0] += 1
            remove(settlement.id)
        case .retry(let delay, let past):
            entry.history.keep(past)
            entry.progress = nil
            place(settlement.id, delay > .zero ? .scheduled(now + delay) : .ready)
        case .snooze(let delay):
            entry.attempts -= 1
            place(settlement.id, .scheduled(now + delay))
        case .handBack:
            entry.attempts -= 1
            place(settlement.id, .ready, handedBack: true)
        }
        return true
    }

    private mutating func bury(_ entry: Entry, _ record: TaskRecord, at now: Timestamp) {
        dead[record.id] = DeadLetter(
            id: record.id, task: record.task, queue: record.queue,
            failure: record.failure ?? TaskFailure(.failed, "no reason was given"), diedAt: now,
            messageBytes: MessageCodec.encode(entry.message))
        if dead.count > limits.deadLettersMax, let oldest = dead.values.min(by: { $0.diedAt < $1.diedAt }) {
            dead[oldest.id] = nil
        }
    }

    // MARK: Leases

    /// Renews a worker's lease.
    ///
    /// A worker unknown here is new, or was taken for dead.
    mutating func renew(_ lease: WorkerLease, at now: Timestamp) -> [Directive] {
        guard let holder = holders[lease.worker] else {
            holders[lease.worker] = Holder(lease, at: now)
            return [.leaseLost]
        }
        holder.leaseExpiresAt = now + lease.duration
        return holder.cancelled.compactMap { id in tasks[id].map { .cancel(id, fence: $0.deliveries) } }
    }

    mutating func takeOrders(of worker: String) -> [Directive] {
        guard let holder = holders[worker], !holder.orders.isEmpty else { return [] }
        defer { holder.orders = [] }
        return holder.orders.map(Directive.obey)
    }

    mutating func note(_ report: WorkerReport, by worker: String) {
        holders[worker]?.report = report
        serviceSeconds.merge(report.newServiceSeconds) { _, new in new }
    }

    mutating func send(_ order: WorkerOrder, to workers: Set<String>) -> [String] {
        let known = workers.filter { holders[$0] != nil }.sorted()
        for worker in known { holders[worker]?.orders.append(order) }
        return known
    }

    mutating func note(_ progress: [TaskID: TaskProgress], by worker: String) {
        for (id, progress) in progress where holders[worker]?.claims.contains(id) == true {
            tasks[id]?.progress = progress
        }
    }

    /// Hands back all that a leaving worker holds.
    mutating func release(_ worker: String, at now: Timestamp) {
        for id in holders[worker]?.claims ?? [] {
            tasks[id]?.attempts -= 1
            place(id, .ready, handedBack: true)
        }
        holders[worker] = nil
    }

    // MARK: Recovering

    mutating func recover(at now: Timestamp) -> Recovery {
        var recovery = Recovery()
        // If the clock was set back, a lease lasts no longer than it was given for.
        for holder in holders.values {
            holder.leaseExpiresAt = min(holder.leaseExpiresAt, now + holder.leaseDuration)
        }
        for (worker, holder) in holders where holder.leaseExpiresAt <= now {
            recovery.deadWorkers.append(worker)
            for id in holder.claims.sorted() {
                reclaim(id, from: worker, at: now)
                recovery.reclaimed.append(id)
            }
            holders[worker] = nil
        }
        reconcile(&recovery)
        uniqueKeys = uniqueKeys.filter { $0.value.until > now || tasks[$0.value.id] != nil }
        return recovery
    }

    private mutating func reclaim(_ id: TaskID, from worker: String, at now: Timestamp) {
        guard let entry = tasks[id], case .claimed(_, let since) = entry.place else { return }
        let lost = AttemptRecord(
            attempt: entry.attempts, worker: worker, startedAt: since, finishedAt: now,
            failure: TaskFailure(.leaseLost, "the worker's lease lapsed"))
        entry.deaths += 1
        entry.attempts -= 1
        entry.history.keep(lost)
        place(id, .ready, handedBack: true)
    }

    /// Both directions: every place has its task, every task has its place.
    private mutating func reconcile(_ recovery: inout Recovery) {
        for (id, _) in scheduled where tasks[id] == nil {
            scheduled[id] = nil
            recovery.leftoversRemoved += 1
        }
        for lane in lanes.values {
            for id in lane.ids where tasks[id] == nil {
                for level in 0...9 { QueuePriority(level).map { lane.remove(id, $0) } }
                recovery.leftoversRemoved += 1
            }
        }
        for (id, entry) in tasks {
            guard case .claimed(let holder, _) = entry.place, holders[holder.worker] !== holder else { continue }
            entry.attempts -= 1
            place(id, .ready, handedBack: true)
            recovery.orphansRequeued.append(id)
        }
    }
}
