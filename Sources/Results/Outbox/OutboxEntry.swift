internal import Postgres
internal import TaskQueue

/// A task that waits in the outbox.
struct OutboxEntry {
    let id: TaskID
    /// Where it stands in the outbox.
    let position: Int64
    /// What to enqueue, or why it never can be.
    let message: Result<TaskMessage, MessageError>

    /// The columns that ``init(_:)`` reads, in its order.
    static let columns =
        "id, task, queue, payload, priority, not_before, expires_at, unique_key, headers::text, message, position"

    init(_ row: PostgresRow) throws(PostgresError) {
        let (high, low) = try row.uuid(0)
        id = TaskID(high: high, low: low)
        position = try row.int8(10)
        if let bytes = row.bytes(9) {
            do throws(MessageError) {
                message = .success(try MessageCodec.decode(bytes))
            } catch {
                message = .failure(error)
            }
            return
        }
        var plain = TaskMessage(
            id: id, task: try row.text(1), queue: try row.text(2), payload: JSONText.compact(row.json(3) ?? []))
        plain.priority = QueuePriority(Int(try row.int4(4))) ?? .normal
        plain.notBefore = try row.optionalInt8(5).map { .at(Timestamp(postgres: $0)) }
        plain.expires = try row.optionalInt8(6).map { .at(Timestamp(postgres: $0)) }
        plain.uniqueKey = row.optionalText(7)
        let headers = Array((try row.text(8)).utf8)
        // What is no object of texts says nothing that a task could use.
        plain.headers = (try? PayloadCodec.decode([String: String].self, from: headers)) ?? [:]
        message = .success(plain)
    }
}
