public import Postgres
public import TaskQueue

/// Submits tasks within a caller's own PostgreSQL transaction: they are enqueued if and only if it commits.
///
/// Programs that do not use this library insert into `taskqueue_outbox` themselves; only `task` has no default.
public enum Outbox {
    /// Writes messages into the outbox; a worker moves them to the broker soon after the transaction commits.
    ///
    /// A message whose id is in the outbox already is not written again.
    /// - Throws: `PostgresError`; the transaction is then lost.
    public static func add(
        _ messages: [TaskMessage], on connection: PostgresConnection
    ) throws(PostgresError) {
        var (ids, tasks, queues, bytes) = (
            PostgresArray(of: .uuid), PostgresArray(of: .text), PostgresArray(of: .text), PostgresArray(of: .bytes)
        )
        for message in messages {
            ids.append(uuid: message.id.high, message.id.low)
            tasks.append(message.task)
            queues.append(message.queue)
            bytes.append(bytes: MessageCodec.encode(message))
        }
        try connection.execute(
            """
            INSERT INTO taskqueue_outbox (id, task, queue, message)
            SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[]) ON CONFLICT (id) DO NOTHING
            """, [ids, tasks, queues, bytes].map(\.parameter))
    }
}
