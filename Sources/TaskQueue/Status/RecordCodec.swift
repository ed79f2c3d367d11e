/// Turns a final record into bytes and back, for stores that keep records whole.
///
/// The bytes are a protocol-buffers message like ``MessageCodec``'s, because one is written for every task.
public enum RecordCodec {
    /// Field numbers of the wire format.
    ///
    /// Append only; a number is never used again.
    private enum WireField {
        static let id: UInt64 = 1
        static let task: UInt64 = 2
        static let queue: UInt64 = 3
        static let state: UInt64 = 4
        static let attempt: UInt64 = 5
        static let maxAttempts: UInt64 = 6
        static let enqueuedAt: UInt64 = 7
        static let startedAt: UInt64 = 8
        static let finishedAt: UInt64 = 9
        static let worker: UInt64 = 10
        static let fence: UInt64 = 11
        static let result: UInt64 = 12
        static let failure: UInt64 = 13
        static let history: UInt64 = 14
        static let retention: UInt64 = 15
    }

    /// Encodes a record; its progress and due time are not kept, since a final record has none.
    /// - Throws: `StoreError.invalidRequest` if a failure can't be written as JSON.
    public static func encode(_ record: TaskRecord) throws(StoreError) -> [UInt8] {
        var writer = WireWriter(reserving: 96 + record.task.utf8.count + (record.result?.count ?? 0))
        writer.bytes(WireField.id, record.id.bytes)
        writer.text(WireField.task, record.task)
        writer.text(WireField.queue, record.queue)
        writer.text(WireField.state, record.state.rawValue)
        writer.number(WireField.attempt, UInt64(clamping: record.attempt))
        if let most = record.maxAttempts { writer.number(WireField.maxAttempts, UInt64(clamping: most)) }
        writer.number(WireField.enqueuedAt, UInt64(clamping: record.enqueuedAt.rawValue))
        if let time = record.startedAt { writer.number(WireField.startedAt, UInt64(clamping: time.rawValue)) }
        if let time = record.finishedAt { writer.number(WireField.finishedAt, UInt64(clamping: time.rawValue)) }
        if let worker = record.worker { writer.text(WireField.worker, worker) }
        writer.number(WireField.fence, UInt64(clamping: record.fence))
        if let result = record.result { writer.bytes(WireField.result, result) }
        writer.duration(WireField.retention, record.retention)
        do {
            if let failure = record.failure { writer.bytes(WireField.failure, try PayloadCodec.encode(failure)) }
            if !record.history.isEmpty { writer.bytes(WireField.history, try PayloadCodec.encode(record.history)) }
        } catch {
            throw StoreError(.invalidRequest, "the record of task \(record.id) can't be written: \(error)")
        }
        return writer.output
    }

    /// Decodes a record; fields of a newer version are passed over.
    /// - Throws: `StoreError.incompatible` if the bytes are none.
    public static func decode(_ bytes: [UInt8]) throws(StoreError) -> TaskRecord {
        do throws(MessageError) {
            return try read(bytes)
        } catch {
            throw StoreError(.incompatible, "a stored record can't be read: \(error)")
        }
    }

    private static func read(_ bytes: [UInt8]) throws(MessageError) -> TaskRecord {
        var rest: [WireReader.Field] = []
        var state: TaskState?
        var id: TaskID?
        var reader = WireReader(bytes[...])
        while let field = try reader.next() {
            switch field.number {
            case WireField.id: id = TaskID(bytes: try reader.bytes(field, "id"))
            case WireField.state: state = TaskState(rawValue: try reader.text(field, "state"))
            default: rest.append(field)
            }
        }
        guard let id else { throw .missing(field: "id") }
        guard let state else { throw .missing(field: "state") }
        var record = TaskRecord(id: id, task: "", queue: "", state: state, enqueuedAt: Timestamp(rawValue: 0))
        for field in rest { try apply(field, of: reader, to: &record) }
        return record
    }

    private static func apply(
        _ field: WireReader.Field, of reader: WireReader, to record: inout TaskRecord
    ) throws(MessageError) {
        switch field.number {
        case WireField.task: record.task = try reader.text(field, "task")
        case WireField.queue: record.queue = try reader.text(field, "queue")
        case WireField.attempt: record.attempt = Int(clamping: try field.number("attempt"))
        case WireField.maxAttempts: record.maxAttempts = Int(clamping: try field.number("max_attempts"))
        case WireField.enqueuedAt: record.enqueuedAt = try field.timestamp("enqueued_at")
        case WireField.startedAt: record.startedAt = try field.timestamp("started_at")
        case WireField.finishedAt: record.finishedAt = try field.timestamp("finished_at")
        case WireField.worker: record.worker = try reader.text(field, "worker")
        case WireField.fence: record.fence = Int64(clamping: try field.number("fence"))
        case WireField.result: record.result = Array(try reader.bytes(field, "result"))
        case WireField.retention: record.retention = try field.duration("retention")
        case WireField.failure: record.failure = try json(reader.bytes(field, "failure"), "failure")
        case WireField.history: record.history = try json(reader.bytes(field, "history"), "history")
        default: break
        }
    }

    private static func json<Value: Decodable>(
        _ bytes: ArraySlice<UInt8>, _ name: String
    ) throws(MessageError) -> Value {
        guard let value = try? PayloadCodec.decode(Value.self, from: Array(bytes)) else {
            throw .malformed(field: name)
        }
        return value
    }
}
