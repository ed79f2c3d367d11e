internal import Redis
internal import TaskQueue

extension RedisArgument {
    /// Packs a message as `enqueue.lua` reads it.
    init(_ message: TaskMessage, inQueueNumbered queue: Int) throws(StoreError) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(160 + message.payload.count + message.task.utf8.count)
        bytes.append(UInt8(queue))
        bytes.append(message.id)
        bytes.append(due: message.notBefore)
        bytes.append(due: message.expires)
        bytes.append(milliseconds: message.uniqueFor?.wholeMilliseconds ?? 0)
        try TaskValue.write(message, to: &bytes)
        self = .bytes(bytes)
    }

    /// Packs a settlement as `exchange.lua` reads it.
    init(_ settlement: Settlement, inQueueNumbered queue: Int, recording: Bool) throws(StoreError) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(32)
        bytes.append(UInt8(queue))
        switch settlement.verdict {
        case .finish(let record): try bytes.append(settlement, finishedWith: record, recording: recording)
        case .retry(let delay, let past):
            bytes.append("R", settlement)
            bytes.append(milliseconds: delay.wholeMilliseconds)
            bytes.append(contentsOf: try StateValue.line(past))
        case .snooze(let delay):
            bytes.append("Z", settlement)
            bytes.append(milliseconds: delay.wholeMilliseconds)
        case .handBack: bytes.append("B", settlement)
        }
        self = .bytes(bytes)
    }
}

extension [UInt8] {
    fileprivate mutating func append(due time: DueTime?) {
        switch time {
        case nil:
            append(UInt8(ascii: "n"))
            append(milliseconds: 0)
        case .after(let delay):
            append(UInt8(ascii: "a"))
            append(milliseconds: delay.wholeMilliseconds)
        case .at(let time):
            append(UInt8(ascii: "t"))
            append(milliseconds: time.rawValue)
        }
    }

    fileprivate mutating func append(_ kind: Unicode.Scalar, _ settlement: Settlement) {
        append(UInt8(ascii: kind))
        append(bigEndian: settlement.fence, 8)
        append(settlement.id)
    }

    fileprivate mutating func append(
        _ settlement: Settlement, finishedWith record: TaskRecord, recording: Bool
    ) throws(StoreError) {
        let keeps = recording && record.retention > .zero
        append(record.state == .failure ? "F" : "S", settlement)
        guard keeps || record.state == .failure else { return }
        append(milliseconds: record.retention.wholeMilliseconds)
        if record.state == .failure {
            let failure = record.failure ?? TaskFailure(.failed, "no reason was given")
            let json = (try? PayloadCodec.encode(failure)) ?? []
            append(bigEndian: Int64(json.count), 4)
            append(contentsOf: json)
        }
        if keeps { append(contentsOf: try RecordCodec.encode(record)) }
    }
}
