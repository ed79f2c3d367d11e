import ArgumentParser
import Assembly
import TaskQueue

/// `queuectl cancel ID`.
struct Cancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Revokes a waiting task, or stops a running one.")
    @OptionGroup var common: CommonOptions
    @Argument(help: ArgumentHelp("The task's id.", valueName: "id")) var argument: TaskIDArgument

    private var id: TaskID { argument.id }

    func run() async throws {
        try await ExitStatus.reporting {
            let client = try Backend(try await common.settings()).client
            guard try await client.cancel(id, by: "queuectl") else { throw WaitError.notFound(id) }
            return .done
        }
    }
}

/// `queuectl retry ID`.
struct Retry: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Submits a failed task again, as a new task.")
    @OptionGroup var common: CommonOptions
    @Argument(help: ArgumentHelp("The failed task's id.", valueName: "id")) var argument: TaskIDArgument

    private var id: TaskID { argument.id }

    func run() async throws {
        try await ExitStatus.reporting {
            guard let new = try await Backend(try await common.settings()).client.retry(dead: id) else {
                throw WaitError.notFound(id)
            }
            Output.line(common.json ? "{\"id\":\"\(new)\",\"retry_of\":\"\(id)\"}" : "\(new)")
            return .done
        }
    }
}

/// `queuectl pause QUEUE`.
struct Pause: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Lets a queue's tasks wait; running ones go on.")
    @OptionGroup var common: CommonOptions
    @Argument(help: "The queue.") var queue: String

    func run() async throws {
        try await ExitStatus.reporting {
            try await Backend(try await common.settings()).broker.setPaused(true, queue: queue)
            return .done
        }
    }
}

/// `queuectl resume QUEUE`.
struct Resume: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Lets a paused queue's tasks run again.")
    @OptionGroup var common: CommonOptions
    @Argument(help: "The queue.") var queue: String

    func run() async throws {
        try await ExitStatus.reporting {
            try await Backend(try await common.settings()).broker.setPaused(false, queue: queue)
            return .done
        }
    }
}

/// `queuectl purge QUEUE`.
struct Purge: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Forgets a queue's waiting tasks; running ones go on.")
    @OptionGroup var common: CommonOptions
    @Argument(help: "The queue.") var queue: String

    func run() async throws {
        try await ExitStatus.reporting {
            let count = try await Backend(try await common.settings()).broker.purge(queue)
            Output.line(common.json ? "{\"removed\":\(count)}" : "\(count) tasks removed")
            return .done
        }
    }
}
