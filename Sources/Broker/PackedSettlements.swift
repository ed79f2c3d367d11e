internal import Redis
internal import TaskQueue

/// Settlements as `exchange.lua` reads them.
///
/// What finished and leaves nothing behind, most of what there is, stands in one argument: a run of ids for each queue
/// and fence.
struct PackedSettlements {
    private struct Run {
        let queue: UInt8
        let fence: Int64
        var ids: [UInt8] = []
    }

    private(set) var others: [RedisArgument] = []
    private var all: [Run] = []

    /// - Parameters:
    ///   - queues: Those the script is called for, at most 255.
    ///   - recording: Whether results are kept by the same script.
    init(_ settlements: [Settlement], of queues: [String], recording: Bool) throws(StoreError) {
        var last: (queue: String, number: UInt8)?
        for settlement in settlements {
            // Most follow one of the same queue.
            if last?.queue != settlement.queue {
                last = (settlement.queue, UInt8(clamping: (queues.firstIndex(of: settlement.queue) ?? -1) + 1))
            }
            let number = last?.number ?? 0
            if case .finish(let record) = settlement.verdict, record.leavesNothing(recording: recording) {
                append(settlement, number, of: settlements.count)
            } else {
                others.append(try RedisArgument(settlement, inQueueNumbered: number, recording: recording))
            }
        }
    }

    private mutating func append(_ settlement: Settlement, _ queue: UInt8, of count: Int) {
        let fence = settlement.fence
        // Few differ, and there are few.
        var place = all.lastIndex { $0.queue == queue && $0.fence == fence } ?? all.endIndex
        if place == all.endIndex {
            all.append(Run(queue: queue, fence: fence))
            place = all.endIndex - 1
            if place == 0 { all[place].ids.reserveCapacity(count * 16) }
        }
        all[place].ids.append(settlement.id)
    }

    /// The runs in one argument.
    var runs: [UInt8] {
        all.reduce(into: []) { bytes, run in
            bytes.append(run.queue)
            bytes.append(bigEndian: run.fence, 8)
            bytes.append(bigEndian: Int64(run.ids.count / 16), 4)
            bytes.append(contentsOf: run.ids)
        }
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
