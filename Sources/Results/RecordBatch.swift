internal import Postgres
internal import TaskQueue

/// Records as rows, and the two ways in which they go to the server.
struct RecordBatch {
    /// In the order of ``TaskRecord/columns``.
    let rows: [[PostgresValue]]

    private static let types: [PostgresType] = [
        .uuid, .time, .time, .time, .time, .int8, .int4, .int4, .text, .text, .text, .text, .jsonb, .jsonb, .jsonb,
        .bytes,
    ]

    /// - Parameter isVerbatim: Whether to keep every record whole, because the server refused the JSON of one.
    init(_ records: [TaskRecord], isVerbatim: Bool) throws(StoreError) {
        var rows: [[PostgresValue]] = []
        rows.reserveCapacity(records.count)
        for record in records { rows.append(try record.row(isVerbatim: isVerbatim)) }
        self.rows = rows
    }

    /// One binary array a column, for ``statement``.
    var parameters: [PostgresParameter] {
        Self.types.indices.map { column in
            var array = PostgresArray(of: Self.types[column], reserving: rows.count * 20)
            for row in rows { array.append(row[column]) }
            return array.parameter
        }
    }

    /// Rows for ``copyTarget``.
    var copyRows: CopyRows {
        var copy = CopyRows(columns: Self.types.count, reserving: rows.count * 250)
        for row in rows { copy.append(row) }
        return copy
    }

    /// The ids alone, for ``ring``.
    var ids: PostgresParameter {
        var ids = PostgresArray(of: .uuid, reserving: rows.count * 20)
        for row in rows { ids.append(row[0]) }
        return ids.parameter
    }

    static let copyTarget = "taskqueue_results (\(TaskRecord.columns))"

    /// Rings for those of the records whom somebody waits for.
    static let ring: PostgresStatement = """
        SELECT pg_notify('taskqueue_results', id::text)
        FROM (SELECT DISTINCT id FROM taskqueue_waits WHERE id = ANY ($1::uuid[])) waits
        """

    /// Writes the records that are not there, says which those were, and rings for those whom somebody waits for.
    static let statement = PostgresStatement(
        """
        WITH written AS (
            INSERT INTO taskqueue_results (\(TaskRecord.columns))
            SELECT * FROM unnest(
                $1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[], $6::bigint[],
                $7::integer[], $8::integer[], $9::text[], $10::text[], $11::text[], $12::text[], $13::jsonb[],
                $14::jsonb[], $15::jsonb[], $16::bytea[])
            ON CONFLICT (id) DO NOTHING
            RETURNING id
        )
        SELECT written.id, CASE WHEN waits.id IS NOT NULL THEN pg_notify('taskqueue_results', waits.id::text) END
        FROM written LEFT JOIN (SELECT DISTINCT id FROM taskqueue_waits) waits USING (id)
        """)
}
