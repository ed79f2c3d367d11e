import ArgumentParser
import Assembly
import TaskQueue

/// Which dead letters a command is about: one by its id, or all, of a kind of work or a queue if that is said.
struct DeadSelection: ParsableArguments {
    @Argument(help: ArgumentHelp("The failed task's id.", valueName: "id")) var argument: TaskIDArgument?
    @Flag(help: "All letters instead of one.") var all = false
    @Option(help: "With --all: only this kind of work.") var task: String?
    @Option(help: "With --all: only letters of this queue.") var queue: String?

    /// No broker keeps more letters.
    static let most = 10_000

    func validate() throws {
        guard (argument != nil) != all else { throw ValidationError("give one task's id, or --all") }
        guard all || task == nil && queue == nil else { throw ValidationError("--task and --queue need --all") }
    }

    /// The ids of the letters meant, oldest first; all of none is none.
    func ids(in broker: any TaskBroker) async throws -> [TaskID] {
        if let id = argument?.id {
            guard try await !broker.deadLetters([id], limit: 1).isEmpty else { throw NoLetter(id: id) }
            return [id]
        }
        return try await broker.deadLetters(nil, limit: Self.most).filter { $0.isOf(task, queue) }.map(\.id).reversed()
    }
}

extension DeadLetter {
    /// Whether it is of this kind of work and this queue; nil for any.
    func isOf(_ task: String?, _ queue: String?) -> Bool {
        (task == nil || task == self.task) && (queue == nil || queue == self.queue)
    }
}
