import ArgumentParser
import Assembly
import TaskQueue

/// `queuectl explain ID`.
struct Explain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Says why a task is not running, or why it ended as it did.")
    @OptionGroup var common: CommonOptions
    @Argument(help: ArgumentHelp("The task's id.", valueName: "id")) var task: TaskIDArgument

    func run() async throws {
        try await ExitStatus.reporting {
            let backend = try Backend(try await common.settings())
            guard let explanation = try await Explanation.of(task.id, in: backend) else {
                throw WaitError.notFound(task.id)
            }
            if common.json {
                Output.json(explanation)
            } else {
                explanation.reasons.forEach { Output.line($0.sentence) }
            }
            return .done
        }
    }
}
