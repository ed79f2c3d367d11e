import ArgumentParser
import Assembly

/// `queuectl`: looks at queues and steers them.
@main
struct QueueControl: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queuectl", abstract: "Looks at queues and steers them.", version: taskQueueVersion,
        subcommands: [
            Status.self, Explain.self, List.self, Queues.self, Workers.self, Autoscale.self, Watch.self, Cancel.self,
            Retry.self,
            Dead.self, Pause.self, Resume.self, Purge.self, Doctor.self, Migrate.self, ModelCommands.self, Keys.self,
        ])
}
