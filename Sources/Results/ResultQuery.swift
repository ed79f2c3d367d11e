internal import Postgres
internal import TaskQueue

/// The question that a filter asks: only the conditions that it has, so that each finds its index.
struct ResultQuery {
    let statement: PostgresStatement
    let parameters: [PostgresParameter]

    /// By how much an id may be older than its enqueueing and still be found by time: one from the outbox was made before.
    private static let idAge = Duration.seconds(-600)

    /// - Parameter now: Nil for the server's own time.
    init(_ filter: TaskFilter, at now: Timestamp?) {
        var parameters: [PostgresParameter] = []
        func add(_ parameter: PostgresParameter) -> String {
            parameters.append(parameter)
            return "$\(parameters.count)"
        }
        let lead = Self.lead(filter)
        var conditions = ["expires_at > " + (now.map { add(.time(milliseconds: $0.rawValue)) } ?? "now()")]
        // Written out, because only then the planner sees that the index of what did not go well will do.
        if let state = filter.state { conditions.append("state = '\(state.rawValue)'") }
        for (column, value) in [("worker", filter.worker), ("task", filter.task), ("queue", filter.queue)] {
            guard let value else { continue }
            let wanted = add(.text(value))
            conditions.append(column == lead ? "\(column) BETWEEN \(wanted) AND \(wanted)" : "\(column) = \(wanted)")
        }
        if let last = filter.before { conditions.append("id < \(add(.uuid(last.high, last.low)))") }
        let order = (lead.map { "\($0) DESC, " } ?? "") + "id DESC"
        let limit = add(.int8(Int64(filter.limit)))
        func page(of table: String, _ more: [String] = []) -> String {
            """
            SELECT \(TaskRecord.columns) FROM \(table)
            WHERE \((conditions + more).joined(separator: " AND ")) ORDER BY \(order) LIMIT \(limit)
            """
        }
        if let since = filter.since {
            // By id as well, because a span of ids is a span of time and older ones are passed over. Ids that say
            // nothing of their time lie in the default.
            let isRecent = "enqueued_at >= " + add(.time(milliseconds: since.rawValue))
            let first = add(.uuid(UInt64(clamping: (since + Self.idAge).rawValue) << 16, 0))
            statement = PostgresStatement(
                """
                (\(page(of: "taskqueue_results", [isRecent, "id >= \(first)"])))
                UNION ALL (\(page(of: "taskqueue_results_default", [isRecent, "id < \(first)"])))
                ORDER BY id DESC LIMIT \(limit)
                """, isPrepared: false)
        } else {
            statement = PostgresStatement(page(of: "taskqueue_results"), isPrepared: false)
        }
        self.parameters = parameters
    }

    /// The column whose index is to be walked.
    ///
    /// Left alone the planner takes what it looks for to be spread evenly, walks the ids, and passes millions before it
    /// comes to the hours in which that worker lived. A range and its order leave it one index; what did not go well
    /// is rare and has a better one.
    private static func lead(_ filter: TaskFilter) -> String? {
        switch filter.state {
        case .failure, .revoked: nil
        default: filter.worker != nil ? "worker" : filter.task != nil ? "task" : filter.queue != nil ? "queue" : nil
        }
    }
}
