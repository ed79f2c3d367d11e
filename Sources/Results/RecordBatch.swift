internal import Postgres
internal import TaskQueue

/// Records as columns: one binary array a column, made in one pass, for one statement.
struct RecordBatch {
    private var ids: PostgresArray
    private var times: [PostgresArray]
    private var fences: PostgresArray
    private var attempts: [PostgresArray]
    private var texts: [PostgresArray]
    private var documents: [PostgresArray]
    private var verbatim: PostgresArray

    /// - Parameter isVerbatim: Whether to keep every record whole, because the server refused the JSON of one.
    init(_ records: [TaskRecord], isVerbatim: Bool) throws(StoreError) {
        let count = records.count
        ids = PostgresArray(of: .uuid, reserving: count * 20)
        times = (0..<4).map { _ in PostgresArray(of: .time, reserving: count * 12) }
        fences = PostgresArray(of: .int8, reserving: count * 12)
        attempts = (0..<2).map { _ in PostgresArray(of: .int4, reserving: count * 8) }
        texts = (0..<4).map { _ in PostgresArray(of: .text, reserving: count * 20) }
        documents = (0..<3).map { _ in PostgresArray(of: .jsonb, reserving: count * 20) }
        verbatim = PostgresArray(of: .bytes, reserving: count * 4)
        for record in records { try append(record, isVerbatim) }
    }

    private mutating func append(_ record: TaskRecord, _ isVerbatim: Bool) throws(StoreError) {
        let finished = record.finishedAt ?? record.enqueuedAt
        ids.append(uuid: record.id.high, record.id.low)
        times[0].append(PostgresTime.microseconds(record.enqueuedAt.rawValue))
        if let started = record.startedAt {
            times[1].append(PostgresTime.microseconds(started.rawValue))
        } else {
            times[1].appendNull()
        }
        times[2].append(PostgresTime.microseconds(finished.rawValue))
        times[3].append(PostgresTime.microseconds((finished + record.retention).rawValue))
        fences.append(record.fence)
        attempts[0].append(Int32(clamping: record.attempt))
        if let most = record.maxAttempts { attempts[1].append(Int32(clamping: most)) } else { attempts[1].appendNull() }
        texts[0].append(record.task)
        texts[1].append(record.queue)
        texts[2].append(record.state.rawValue)
        if let worker = record.worker { texts[3].append(worker) } else { texts[3].appendNull() }
        try appendDocuments(record, isVerbatim)
    }

    private mutating func appendDocuments(_ record: TaskRecord, _ isVerbatim: Bool) throws(StoreError) {
        let parts: [[UInt8]?]
        do throws(PayloadError) {
            parts = [
                record.result,
                try record.failure.map { failure throws(PayloadError) in try PayloadCodec.encode(failure) },
                record.history.isEmpty ? nil : try PayloadCodec.encode(record.history),
            ]
        } catch {
            throw StoreError(.invalidRequest, "the record of task \(record.id) can't be written: \(error)")
        }
        let isKeptWhole = isVerbatim || parts.contains { $0.map(JSONText.isUnfitForDatabase) ?? false }
        for (index, part) in parts.enumerated() {
            if let part, !isKeptWhole { documents[index].append(json: part) } else { documents[index].appendNull() }
        }
        if isKeptWhole { verbatim.append(bytes: try RecordCodec.encode(record)) } else { verbatim.appendNull() }
    }

    /// In the order of ``statement``.
    var parameters: [PostgresParameter] {
        ([ids] + times + [fences] + attempts + texts + documents + [verbatim]).map(\.parameter)
    }

    /// Writes the records that are not there, says which those were, and rings for those whom somebody waits for.
    static let statement: PostgresStatement = """
        WITH written AS (
            INSERT INTO taskqueue_results (
                id, enqueued_at, started_at, finished_at, expires_at, fence, attempt, max_attempts, task, queue, state,
                worker, result, error, history, verbatim)
            SELECT * FROM unnest(
                $1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[], $6::bigint[],
                $7::integer[], $8::integer[], $9::text[], $10::text[], $11::text[], $12::text[], $13::jsonb[],
                $14::jsonb[], $15::jsonb[], $16::bytea[])
            ON CONFLICT (id) DO NOTHING
            RETURNING id
        )
        SELECT written.id, CASE WHEN waits.id IS NOT NULL THEN pg_notify('taskqueue_results', waits.id::text) END
        FROM written LEFT JOIN (SELECT DISTINCT id FROM taskqueue_waits) waits USING (id)
        """
}
