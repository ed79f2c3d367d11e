import TaskQueue

/// Columns for people.
enum Table {
    /// What queues hold, a line each under a heading.
    static func queues(_ queues: [QueueStatus]) -> String {
        render(
            ["queue", "ready", "scheduled", "processing", "oldest", "state"],
            queues.map { queue in
                let age = queue.oldestAge.map { "\(Int($0.inSeconds)) s" } ?? "-"
                return [
                    queue.queue, "\(queue.ready)", "\(queue.scheduled)", "\(queue.processing)", age,
                    queue.isPaused ? "paused" : "open",
                ]
            })
    }

    /// Workers, a line each under a heading; those whose lease has lapsed are dead, and swept up by the next sweep.
    static func workers(_ workers: [WorkerStatus], at now: Timestamp = .now) -> String {
        render(
            ["worker", "holds", "state", "lease until"],
            workers.map { worker in
                let state = worker.leaseExpiresAt <= now ? "lapsed" : worker.holding > 0 ? "busy" : "idle"
                return [worker.worker, "\(worker.holding)", state, "\(worker.leaseExpiresAt)"]
            })
    }

    /// Every column is as wide as its widest cell; nothing is cut.
    private static func render(_ heading: [String], _ rows: [[String]]) -> String {
        let lines = [heading] + rows
        let widths = heading.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        return lines.map { cells in
            zip(cells, widths).map { $0.padded($1 + 2) }.joined().trimmingSuffix(while: \.isWhitespace)
        }.joined(separator: "\n")
    }
}

extension String {
    /// Filled with spaces to a column's width, and never cut.
    func padded(_ width: Int) -> String {
        self + String(repeating: " ", count: Swift.max(width - count, 1))
    }

    fileprivate func trimmingSuffix(while isUnwanted: (Character) -> Bool) -> Substring {
        self[..<(lastIndex { !isUnwanted($0) }.map(index(after:)) ?? startIndex)]
    }
}
