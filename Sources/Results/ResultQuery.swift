internal import Postgres
internal import TaskQueue

/// The question that a filter asks: only the conditions that it has, so that each finds its index.
struct ResultQuery {
    let statement: PostgresStatement
    let parameters: [PostgresParameter]

    /// - Parameter now: Nil for the server's own time.
    init(_ filter: TaskFilter, at now: Timestamp?) {
        var parameters: [PostgresParameter] = []
        func add(_ parameter: PostgresParameter) -> String {
            parameters.append(parameter)
            return "$\(parameters.count)"
        }
        var conditions = ["expires_at > " + (now.map { add(.time(milliseconds: $0.rawValue)) } ?? "now()")]
        // Written out, because only then the planner sees that the index of what did not go well will do.
        if let state = filter.state { conditions.append("state = '\(state.rawValue)'") }
        if let task = filter.task { conditions.append("task = \(add(.text(task)))") }
        if let queue = filter.queue { conditions.append("queue = \(add(.text(queue)))") }
        if let worker = filter.worker { conditions.append("worker = \(add(.text(worker)))") }
        if let since = filter.since { conditions.append("enqueued_at >= \(add(.time(milliseconds: since.rawValue)))") }
        if let last = filter.before { conditions.append("id < \(add(.uuid(last.high, last.low)))") }
        let limit = add(.int8(Int64(filter.limit)))
        statement = PostgresStatement(
            """
            SELECT \(TaskRecord.columns) FROM taskqueue_results
            WHERE \(conditions.joined(separator: " AND ")) ORDER BY id DESC LIMIT \(limit)
            """, isPrepared: false)
        self.parameters = parameters
    }
}
