internal import Postgres
internal import TaskQueue

extension TaskRecord {
    /// The columns that ``init(_:)`` reads, in its order.
    static let columns =
        "id, enqueued_at, started_at, finished_at, expires_at, fence, attempt, max_attempts, task, queue, state, worker, "
        + "result, error, history, verbatim"

    /// Its values, in the order of ``columns``.
    /// - Parameter isVerbatim: Whether to keep it whole, because the server refused its JSON or that of its neighbours.
    func row(isVerbatim: Bool) throws(StoreError) -> [PostgresValue] {
        func time(_ time: Timestamp?) -> PostgresValue {
            time.map { .int8(PostgresTime.microseconds($0.rawValue)) } ?? .null
        }
        let end = finishedAt ?? enqueuedAt
        let documents: [[UInt8]?]
        do throws(PayloadError) {
            documents = [
                result,
                try failure.map { failure throws(PayloadError) in try PayloadCodec.encode(failure) },
                history.isEmpty ? nil : try PayloadCodec.encode(history),
            ]
        } catch {
            throw StoreError(.invalidRequest, "the record of task \(id) can't be written: \(error)")
        }
        let isKeptWhole = isVerbatim || documents.contains { $0.map(JSONText.isUnfitForDatabase) ?? false }
        let verbatim = isKeptWhole ? PostgresValue.bytes(try RecordCodec.encode(self)) : .null
        return [
            .uuid(id.high, id.low), time(enqueuedAt), time(startedAt), time(end), time(end + retention), .int8(fence),
            .int4(Int32(clamping: attempt)), maxAttempts.map { .int4(Int32(clamping: $0)) } ?? .null,
            .text(task), .text(queue), .text(state.rawValue), worker.map(PostgresValue.text) ?? .null,
        ] + documents.map { isKeptWhole ? .null : $0.map(PostgresValue.json) ?? .null } + [verbatim]
    }

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
