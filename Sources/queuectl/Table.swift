import Fleet
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

    /// What queues ask of a fleet, a line each under a heading.
    static func demands(_ advice: ScalingAdvice) -> String {
        render(
            ["queue", "running", "waiting", "service", "target", "slots"],
            advice.queues.sorted { $0.key < $1.key }.map { name, queue in
                [
                    name, "\(queue.running)", "\(queue.waiting)",
                    queue.meanServiceSeconds.map(time) ?? "-", time(queue.targetWaitSeconds),
                    "\(queue.slots)",
                ]
            })
    }

    /// A time in its unit, with as many digits as say something.
    private static func time(_ seconds: Double) -> String {
        let (value, unit) = seconds < 1 ? (seconds * 1000, "ms") : (seconds, "s")
        let rounded = (value * 10).rounded() / 10
        return rounded >= 10 || rounded == rounded.rounded() ? "\(Int(rounded)) \(unit)" : "\(rounded) \(unit)"
    }

    /// Workers, a line each under a heading; those whose lease has lapsed are dead, and swept up by the next sweep.
    static func workers(_ workers: [WorkerStatus], at now: Timestamp = .now) -> String {
        render(
            ["worker", "holds", "state", "lease", "slots", "memory", "version", "process", "queues", "runs"],
            workers.map { worker in
                let lease = worker.leaseExpiresAt - now
                return [worker.worker, "\(worker.holding)", state(worker, lease), seconds(lease)]
                    + report(worker.report, at: now)
            })
    }

    private static func state(_ worker: WorkerStatus, _ lease: Duration) -> String {
        if lease <= .zero { return "lapsed" }
        if worker.report?.isDraining == true { return "draining" }
        return worker.holding > 0 ? "busy" : "idle"
    }

    private static func report(_ report: WorkerReport?, at now: Timestamp) -> [String] {
        guard let report else { return ["-", "-", "-", "-", "-", "-"] }
        let longest = report.tasks.prefix(2).map { "\($0.task) \(seconds(now - $0.since))" }
        let more = report.running > longest.count ? ["and \(report.running - longest.count) more"] : []
        return [
            "\(report.running)/\(report.slots)", report.residentBytes.map { "\($0 >> 20) MB" } ?? "-",
            report.version ?? "-", "\(report.host ?? "-"):\(report.pid.map { "\($0)" } ?? "-")",
            report.queues?.joined(separator: ",") ?? "all",
            longest.isEmpty ? "-" : (longest + more).joined(separator: ", "),
        ]
    }

    private static func seconds(_ duration: Duration) -> String { "\(duration.components.seconds) s" }

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
