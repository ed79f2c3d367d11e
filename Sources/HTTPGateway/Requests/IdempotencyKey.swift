import HTTPTypes
import TaskQueue

/// The `Idempotency-Key` of a submission: the same key within a day finds the task already there.
///
/// Kept as the task's unique key, in a name space of the caller's own. A submission with a unique key of its own is
/// guarded by that one instead.
struct IdempotencyKey: Sendable {
    private let key: String

    private static let window = Duration.seconds(86_400)

    /// Reads the header; nil if there is none.
    init?(_ asked: GatewayRequest) throws {
        guard let text = asked.headers[.idempotencyKey] else { return nil }
        guard SubmissionOptions.isKey(text) else {
            throw Problem(.badRequest, "Idempotency-Key: \(SubmissionOptions.keyRule)", field: "Idempotency-Key")
        }
        key = "idempotency/\(asked.principal?.name ?? "")/\(text)"
    }

    func apply(to options: inout TaskOptions, task: String, index: Int = 0) {
        guard options.uniqueKey == nil else { return }
        options.uniqueKey = "\(key)/\(task)/\(index)"
        options.uniqueFor = Self.window
    }
}
