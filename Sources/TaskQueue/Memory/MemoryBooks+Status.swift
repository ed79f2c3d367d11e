extension MemoryBooks {
    func record(of id: TaskID) -> TaskRecord? {
        guard let entry = tasks[id] else { return nil }
        var record = TaskRecord(
            id: id, task: entry.message.task, queue: entry.message.queue, state: state(of: entry),
            enqueuedAt: entry.enqueuedAt)
        record.attempt = entry.attempts
        record.fence = entry.deliveries
        record.history = entry.history
        switch entry.place {
        case .ready, nil: break
        case .scheduled(let due): record.dueAt = due
        case .claimed(let holder, let since):
            record.worker = holder.worker
            record.startedAt = since
            record.progress = entry.progress
        }
        return record
    }

    private func state(of entry: Entry) -> TaskState {
        if case .claimed = entry.place { return .processing }
        return entry.attempts > 0 ? .retry : .pending
    }

    func list(_ filter: TaskFilter) -> [TaskRecord] {
        let records = tasks.keys.lazy.compactMap { self.record(of: $0) }.filter(filter.includes)
        return Array(records.sorted { $0.id > $1.id }.prefix(filter.limit))
    }

    mutating func cancel(_ id: TaskID, by worker: String, at now: Timestamp) -> CancelReceipt {
        guard let entry = tasks[id] else { return .notFound }
        entry.isCancelled = true
        if case .claimed(let holder, _) = entry.place {
            holder.cancelled.insert(id)
            return .requested
        }
        guard let holder = holders[worker] else { return .notFound }
        let delivery = deliver(id, entry, to: holder, at: now)
        // It never began and never will, so whoever asks for the same again shall have it.
        if delivery.fence == 1, let key = entry.message.uniqueKey, uniqueKeys[key]?.id == id { uniqueKeys[key] = nil }
        return .claimed(delivery)
    }

    func queues(at now: Timestamp) -> [QueueStatus] {
        var byName = knownQueues.union(paused).reduce(into: [String: QueueStatus]()) { all, queue in
            all[queue] = QueueStatus(queue: queue)
            all[queue]?.isPaused = paused.contains(queue)
            all[queue]?.accepted = accepted[queue] ?? 0
            all[queue]?.finished = finished[queue] ?? 0
            all[queue]?.meanService = serviceSeconds[queue].flatMap { Duration(finiteSeconds: $0) }
        }
        for entry in tasks.values {
            let queue = entry.message.queue
            switch entry.place {
            case .ready:
                byName[queue]?.ready += 1
                let age = max(byName[queue]?.oldestAge ?? .zero, now - entry.enqueuedAt)
                byName[queue]?.oldestAge = age
            case .scheduled: byName[queue]?.scheduled += 1
            case .claimed: byName[queue]?.processing += 1
            case nil: break
            }
        }
        return byName.values.sorted { $0.queue < $1.queue }
    }

    func workers() -> [WorkerStatus] {
        holders.map {
            WorkerStatus(
                worker: $0.key, holding: $0.value.claims.count, leaseExpiresAt: $0.value.leaseExpiresAt,
                report: $0.value.report)
        }.sorted { $0.worker < $1.worker }
    }

    mutating func setPaused(_ isPaused: Bool, queue: String) {
        if isPaused { paused.insert(queue) } else { paused.remove(queue) }
        knownQueues.insert(queue)
    }

    mutating func purge(_ queue: String) -> Int {
        let waiting = tasks.filter { _, entry in
            if case .claimed = entry.place { return false }
            return entry.message.queue == queue
        }
        for id in waiting.keys { remove(id) }
        return waiting.count
    }

    func deadLetters(_ ids: [TaskID]?, limit: Int) -> [DeadLetter] {
        let wanted = ids.map { ids in ids.compactMap { dead[$0] } } ?? Array(dead.values)
        return Array(wanted.sorted { ($0.diedAt, $0.id) > ($1.diedAt, $1.id) }.prefix(limit))
    }
}
