import ArgumentParser
import Assembly
import TaskQueue

/// `queuectl queues`.
struct Queues: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Shows what every queue holds.")
    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await ExitStatus.reporting {
            let queues = try await Backend(try await common.settings()).broker.queues()
            if common.json {
                queues.forEach { Output.json($0) }
            } else {
                Output.line(Table.queues(queues))
            }
            return .done
        }
    }
}
