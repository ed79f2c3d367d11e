internal import Redis
public import TaskQueue

extension RedisBroker {
    /// See ``TaskBroker/setPaused(_:queue:)``.
    public func setPaused(_ paused: Bool, queue: String) async throws(BrokerError) {
        try await directory.register([queue], to: "pause a queue")
        _ = try await books.run(BrokerScript.pause, "pause a queue", on: [queue], [paused ? "1" : "0"])
    }

    /// See ``TaskBroker/purge(_:)``.
    ///
    /// In portions, so that a queue of millions stops nobody: what is enqueued meanwhile goes too.
    public func purge(_ queue: String) async throws(BrokerError) -> Int {
        var removed = 0
        while true {
            let reply = try await books.run(BrokerScript.purge, "purge a queue", on: [queue], [.integer(1000)])
            let count = Int(clamping: try reading("purge a queue", reply.requireInteger))
            removed += count
            if count == 0 { return removed }
        }
    }

    /// See ``TaskBroker/deadLetters(_:limit:)``.
    public func deadLetters(_ ids: [TaskID]?, limit: Int) async throws(BrokerError) -> [DeadLetter] {
        if ids?.isEmpty == true { return [] }
        let arguments = [.integer(Int64(limit))] + (ids ?? []).map { RedisArgument.bytes($0.bytes) }
        var letters: [DeadLetter] = []
        for queue in try await directory.names() {
            let reply = try await books.run(BrokerScript.letters, "read dead letters", on: [queue], arguments)
            letters += try reading("read dead letters", reply.requireArray).compactMap { DeadLetter($0, in: queue) }
        }
        letters.sort { ($0.diedAt, $0.id) > ($1.diedAt, $1.id) }
        return Array(letters.prefix(limit))
    }

    /// See ``TaskBroker/removeDeadLetters(_:)``.
    public func removeDeadLetters(_ ids: [TaskID]) async throws(BrokerError) {
        _ = try await books.runEverywhere(
            BrokerScript.discard, "remove dead letters", on: directory.names(), ids.map { .bytes($0.bytes) })
    }

    /// Runs a command that damages a queue's books on purpose; for tests.
    /// - Parameters:
    ///   - command: Its name.
    ///   - book: Which of the queue's keys, such as `:tasks`.
    package func tamper(_ command: String, _ book: String, of queue: String, _ id: TaskID? = nil)
        async throws(BrokerError)
    {
        let key = RedisArgument.string(books.keys.books(of: queue) + book)
        do throws(RedisError) {
            _ = try await books.client.send(RedisCommand(command, [key] + (id.map { [.bytes($0.bytes)] } ?? [])))
        } catch {
            throw StoreError(error, "tamper")
        }
    }
}

extension DeadLetter {
    /// Reads one answer of `letters.lua`: id, time, and the letter: length of the failure (4), failure, task's value.
    fileprivate init?(_ reply: RedisValue, in queue: String) {
        guard let parts = reply.array, parts.count == 3, let id = parts[0].bytes.flatMap({ TaskID(bytes: $0) }),
            let time = parts[1].integer, let bytes = parts[2].bytes
        else { return nil }
        var reader = BigEndianReader(bytes)
        guard let length = reader.number(4), let json = reader.take(Int(length)) else { return nil }
        let failure = try? PayloadCodec.decode(TaskFailure.self, from: Array(json))
        let value = TaskValue(Array(reader.rest))
        self.init(
            id: id, task: value?.task ?? "", queue: queue,
            failure: failure ?? TaskFailure(.failed, "no reason was kept"), diedAt: Timestamp(rawValue: time),
            messageBytes: value.map { Array($0.message) } ?? Array(reader.rest))
    }
}
