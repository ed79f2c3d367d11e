internal import Redis
internal import TaskQueue

/// Settlements as `exchange.lua` reads them.
///
/// What finished and leaves nothing behind, most of what there is, stands in one argument: runs of the same queue and
/// fence, in the order they came.
struct PackedSettlements {
    private(set) var runs: [UInt8] = []
    private(set) var others: [RedisArgument] = []
    private var last: (queue: String, number: UInt8) = ("", 0)
    private var run: (queue: UInt8, fence: Int64, count: Int64)?

    /// - Parameters:
    ///   - queues: Those the script is called for, at most 255.
    ///   - recording: Whether results are kept by the same script.
    init(_ settlements: [Settlement], of queues: [String], recording: Bool) throws(StoreError) {
        runs.reserveCapacity(Self.headBytes + settlements.count * 16)
        for settlement in settlements {
            let number = number(of: settlement.queue, among: queues)
            if case .finish(let record) = settlement.verdict, record.leavesNothing(recording: recording) {
                append(settlement, number)
            } else {
                others.append(try RedisArgument(settlement, inQueueNumbered: number, recording: recording))
            }
        }
        endRun()
    }

    private static let headBytes = 13

    /// Most follow one of the same queue.
    private mutating func number(of queue: String, among queues: [String]) -> UInt8 {
        if last.queue != queue {
            last = (queue, UInt8(clamping: (queues.firstIndex(of: queue) ?? -1) + 1))
        }
        return last.number
    }

    private mutating func append(_ settlement: Settlement, _ queue: UInt8) {
        let fence = settlement.fence
        if run?.queue != queue || run?.fence != fence {
            endRun()
            run = (queue, fence, 0)
            runs.append(queue)
            runs.append(bigEndian: fence, 8)
            runs.append(bigEndian: 0, 4)
        }
        runs.append(settlement.id)
        run?.count += 1
    }

    /// Puts its length where it belongs.
    private mutating func endRun() {
        guard let run else { return }
        let place = runs.count - Int(run.count) * 16 - 4
        var count: [UInt8] = []
        count.append(bigEndian: run.count, 4)
        runs.replaceSubrange(place..<place + 4, with: count)
        self.run = nil
    }
}

extension TaskRecord {
    fileprivate func leavesNothing(recording: Bool) -> Bool {
        state != .failure && !(recording && retention > .zero)
    }
}

extension RedisArgument {
    /// Packs one that is told by itself.
    init(_ settlement: Settlement, inQueueNumbered queue: UInt8, recording: Bool) throws(StoreError) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(32)
        bytes.append(queue)
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
