import ArgumentParser
import Assembly
import TaskQueue

/// A task's id on the command line.
struct TaskIDArgument: ExpressibleByArgument {
    let id: TaskID

    init?(argument: String) {
        guard let id = TaskID(argument) else { return nil }
        self.id = id
    }
}

/// `queuectl status ID`.
struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Shows a task and its timeline.")
    @OptionGroup var common: CommonOptions
    @Argument(help: ArgumentHelp("The task's id.", valueName: "id")) var task: TaskIDArgument

    func run() async throws {
        try await ExitStatus.reporting {
            let client = try Backend(try await common.settings()).client
            guard let record = try await client.status(task.id) else {
                throw WaitError.notFound(task.id)
            }
            if common.json {
                Output.json(StatusView(record))
            } else {
                show(record)
            }
            return .done
        }
    }

    private func show(_ record: TaskRecord) {
        let attempts = record.maxAttempts.map { "\(record.attempt) of \($0)" } ?? "\(record.attempt)"
        Output.line(
            "\(record.id)  \(record.task)  \(record.state.rawValue)  attempt \(attempts)  queue \(record.queue)")
        if let progress = record.progress {
            Output.line("  \(Int(progress.fraction * 100)) % \(progress.message ?? "")")
        }
        if let due = record.dueAt { Output.line("  due \(due)") }
        if let result = record.result {
            Output.line("  result \(String(decoding: result.prefix(2000), as: UTF8.self))")
        }
        for entry in record.timeline {
            let who = entry.worker.map { "  \($0)" } ?? ""
            let why = entry.failure.map { "  \($0)" } ?? ""
            Output.line("  \(entry.at)  \(entry.event.name)\(who)\(why)")
        }
    }
}

/// `queuectl list`.
struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Lists tasks, newest first.")
    @OptionGroup var common: CommonOptions
    @Option(help: "PENDING, PROCESSING, RETRY, SUCCESS, FAILURE or REVOKED.") var state: String?
    @Option(help: "Only this kind of work.") var task: String?
    @Option(help: "Only this queue.") var queue: String?
    @Option(help: "Only tasks that this worker runs or ran last.") var worker: String?
    @Option(help: "Only tasks accepted within this long, as 1h.") var since: DurationArgument?
    @Option(help: "Only tasks before this id: the last of the page before.") var before: TaskIDArgument?
    @Option(help: "How many at most.") var limit = 50

    func run() async throws {
        try await ExitStatus.reporting {
            var filter = TaskFilter(limit: limit)
            if let state {
                guard let known = TaskState(rawValue: state.uppercased()) else {
                    throw SettingsError(
                        "--state: must be one of \(TaskState.allCases.map(\.rawValue).joined(separator: ", "))")
                }
                filter.state = known
            }
            guard (1...10_000).contains(limit) else { throw SettingsError("--limit: must be from 1 to 10000") }
            filter.task = task
            filter.queue = queue
            filter.worker = worker
            filter.before = before?.id
            filter.since = since.map { Timestamp.now + (.zero - $0.duration) }
            let records = try await Backend(try await common.settings()).client.list(filter)
            for record in records {
                if common.json {
                    Output.json(StatusView(record))
                } else {
                    let why = record.failure.map { "  \($0)" } ?? ""
                    Output.line("\(record.id)  \(record.enqueuedAt)  \(record.state.rawValue)  \(record.task)\(why)")
                }
            }
            return .done
        }
    }
}
