internal import Postgres
internal import TaskQueue

extension TaskRecord {
    /// The columns that ``init(_:)`` reads, in its order.
    static let columns =
        "id, enqueued_at, started_at, finished_at, expires_at, fence, attempt, max_attempts, task, queue, state, worker, "
        + "result, error, history, verbatim"

    /// Reads a row.
    /// - Throws: `StoreError.incompatible` if it is none of ours.
    init(_ row: PostgresRow) throws(StoreError) {
        if let bytes = row.bytes(15) {
            self = try RecordCodec.decode(bytes)
            return
        }
        do throws(PostgresError) {
            let (high, low) = try row.uuid(0)
            guard let state = TaskState(rawValue: try row.text(10)) else {
                throw PostgresError(.unexpectedAnswer, "a state is unknown; the row was written by a newer version")
            }
            self.init(
                id: TaskID(high: high, low: low), task: try row.text(8), queue: try row.text(9), state: state,
                enqueuedAt: Timestamp(postgres: try row.int8(1)))
            startedAt = try row.optionalInt8(2).map(Timestamp.init(postgres:))
            let finished = Timestamp(postgres: try row.int8(3))
            finishedAt = finished
            retention = Timestamp(postgres: try row.int8(4)) - finished
            fence = try row.int8(5)
            attempt = Int(try row.int4(6))
            maxAttempts = try row.optionalInt4(7).map(Int.init)
        } catch {
            throw StoreError(error, "read a result")
        }
        worker = row.optionalText(11)
        result = row.json(12).map(JSONText.compact)
        failure = try Self.document(row.json(13))
        history = try Self.document(row.json(14)) ?? []
    }

    private static func document<Value: Decodable>(_ json: [UInt8]?) throws(StoreError) -> Value? {
        guard let json else { return nil }
        do throws(PayloadError) {
            return try PayloadCodec.decode(Value.self, from: json)
        } catch {
            throw StoreError(.incompatible, "a result's row can't be read: \(error)")
        }
    }
}

extension Timestamp {
    /// A `timestamptz`.
    init(postgres microseconds: Int64) {
        self.init(rawValue: PostgresTime.milliseconds(microseconds))
    }
}
