internal import Redis
internal import Synchronization
public import TaskQueue

extension RedisBroker {
    /// See ``TaskBroker/fetch(_:)``.
    public func fetch(_ ids: [TaskID]) async throws(BrokerError) -> [TaskID: TaskRecord] {
        try await directory.lookUp(ids) { (names, ids) throws(StoreError) in try await fetch(ids, in: names) }
    }

    private func fetch(_ ids: [TaskID], in names: [String]) async throws(BrokerError) -> [TaskID: TaskRecord] {
        var records: [TaskID: TaskRecord] = [:]
        let arguments = ids.map { RedisArgument.bytes($0.bytes) }
        for (queues, reply) in try await books.runEverywhere(BrokerScript.fetch, "read tasks", on: names, arguments) {
            for found in try reading("read tasks", reply.requireArray) {
                guard let parts = found.array, parts.count == 6, let index = parts[0].integer.map({ Int($0) - 1 }),
                    let number = parts[1].integer.map({ Int($0) - 1 }), ids.indices.contains(index),
                    queues.indices.contains(number)
                else { continue }
                records[ids[index]] = TaskRecord(ids[index], queues[number], parts)
            }
        }
        return records
    }

    /// See ``TaskBroker/cancel(_:as:)``.
    public func cancel(_ ids: [TaskID], as lease: WorkerLease) async throws(BrokerError) -> [CancelReceipt] {
        var receipts = [CancelReceipt](repeating: .notFound, count: ids.count)
        let names = try await directory.names(fresh: true)
        let arguments: [RedisArgument] =
            [.string(lease.worker), .integer(lease.duration.wholeMilliseconds)] + ids.map { .bytes($0.bytes) }
        for (queues, reply) in try await books.runEverywhere(BrokerScript.cancel, "cancel", on: names, arguments) {
            let parts = try reading("cancel", reply.requireArray)
            let now = Timestamp(rawValue: parts.first?.integer ?? 0)
            for answer in parts.dropFirst().first?.array ?? [] {
                guard let fields = answer.array, fields.count >= 3, let index = fields[0].integer.map({ Int($0) - 1 }),
                    let number = fields[1].integer.map({ Int($0) - 1 }), ids.indices.contains(index),
                    queues.indices.contains(number)
                else { continue }
                receipts[index] = .requested
                guard fields.count == 5 else { continue }
                let state = fields[4].bytes.map(StateValue.init) ?? StateValue()
                let made = Delivery.make(ids[index], fields[3], state, in: queues[number], at: now)
                guard let delivery = made?.delivery else { continue }
                leases.withLock { leases in
                    leases[lease.worker, default: LeaseBook()].note([queues[number]])
                    leases[lease.worker]?.noteHeld(delivery)
                }
                receipts[index] = .claimed(delivery)
            }
        }
        return receipts
    }

    /// See ``TaskBroker/queues()``.
    public func queues() async throws(BrokerError) -> [QueueStatus] {
        let names = try await directory.names(fresh: true)
        return try await survey(names).map(\.status)
    }

    func survey(
        _ names: [String]
    ) async throws(BrokerError) -> [(status: QueueStatus, workers: [WorkerStatus])] {
        var found: [(status: QueueStatus, workers: [WorkerStatus])] = []
        for (queues, reply) in try await books.runEverywhere(BrokerScript.queues, "read queues", on: names) {
            let parts = try reading("read queues", reply.requireArray)
            guard parts.count == 1 + 2 * queues.count, let now = parts[0].integer else { continue }
            for (index, queue) in queues.enumerated() {
                found.append(
                    (
                        QueueStatus(queue, parts[1 + index], at: Timestamp(rawValue: now)),
                        WorkerStatus.list(parts[1 + queues.count + index])
                    ))
            }
        }
        return found
    }

    /// See ``TaskBroker/list(_:)``.
    public func list(_ filter: TaskFilter) async throws(BrokerError) -> [TaskRecord] {
        let names = try await directory.names(or: filter.queue)
        let place = filter.state == .processing ? "claimed" : filter.state == nil ? "all" : "waiting"
        var records: [TaskRecord] = []
        var before = filter.before
        // A page holds tasks of both waiting states, so that one of them may take several.
        while records.count < filter.limit {
            var ids: [TaskID] = []
            for queue in names {
                let reply = try await books.run(
                    BrokerScript.list, "list tasks", on: [queue],
                    [
                        .string(place), .bytes(before?.bytes ?? []), .integer(Int64(filter.limit)),
                        .string(filter.task ?? ""),
                    ])
                ids += Self.ids(reply)
            }
            let page = ids.sorted(by: >).prefix(filter.limit)
            guard let last = page.last else { break }
            let found = try await fetch(Array(page))
            records += page.compactMap { found[$0] }.filter(filter.includes)
            before = last
            if let since = filter.since, let oldest = found[last], oldest.enqueuedAt < since { break }
        }
        return Array(records.prefix(filter.limit))
    }
}

extension TaskRecord {
    /// Reads one answer of `fetch.lua`.
    fileprivate init?(_ id: TaskID, _ queue: String, _ parts: [RedisValue]) {
        guard let value = parts[2].bytes.flatMap(TaskValue.init) else { return nil }
        let state = parts[3].bytes.map(StateValue.init) ?? StateValue()
        let claim = parts[4].bytes.flatMap(ClaimValue.init)
        let place: TaskState = claim != nil ? .processing : state.attempts > 0 ? .retry : .pending
        self.init(id: id, task: value.task, queue: queue, state: place, enqueuedAt: value.enqueuedAt)
        attempt = claim?.attempt ?? state.attempts
        fence = claim?.fence ?? state.deliveries
        worker = claim?.worker
        startedAt = claim?.since
        progress = claim?.progress
        if let due = parts[5].integer, due >= 0 { dueAt = Timestamp(rawValue: due) }
        history = state.history
    }
}

extension QueueStatus {
    fileprivate init(_ queue: String, _ reply: RedisValue, at now: Timestamp) {
        self.init(queue: queue)
        let parts = reply.array ?? []
        let numbers = parts.map { $0.integer ?? 0 }
        guard numbers.count == 8 else { return }
        ready = Int(clamping: numbers[0])
        scheduled = Int(clamping: numbers[1])
        processing = Int(clamping: numbers[2])
        isPaused = numbers[3] == 1
        accepted = numbers[5]
        finished = numbers[6]
        meanService = parts[7].string.flatMap { Double($0) }.flatMap { Duration(finiteSeconds: $0) }
        if numbers[4] >= 0 { oldestAge = now - Timestamp(rawValue: numbers[4]) }
    }
}

extension WorkerStatus {
    fileprivate static func list(_ reply: RedisValue) -> [WorkerStatus] {
        let parts = reply.array ?? []
        return stride(from: 0, to: parts.count - 2, by: 3).compactMap { index in
            guard let worker = parts[index].string, let lease = parts[index + 1].integer else { return nil }
            return WorkerStatus(
                worker: worker, holding: Int(clamping: parts[index + 2].integer ?? 0),
                leaseExpiresAt: Timestamp(rawValue: lease))
        }
    }
}
