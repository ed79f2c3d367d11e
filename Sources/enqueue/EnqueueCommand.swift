import ArgumentParser
import Assembly
import TaskQueue

/// `enqueue`: submits tasks.
@main
struct EnqueueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enqueue", abstract: "Submits a task, or a file of them.", version: taskQueueVersion)

    @OptionGroup var common: CommonOptions
    @OptionGroup var inputArguments: InputArguments
    @OptionGroup var submission: SubmissionArguments
    @Argument(help: "The task's name, such as send_alert.") var task: String
    @Option(help: ArgumentHelp("One JSON object a line; - for standard input.", valueName: "file")) var batch: String?
    @Flag(help: "Follow the task and print its result.") var wait = false
    @Option(help: "How long to wait.") var timeout: DurationArgument?

    private static let waitDefault = Duration.seconds(30)

    func validate() throws {
        if batch != nil, wait || inputArguments.isGiven {
            throw ValidationError("--batch goes with neither --wait nor --input, --set or --file")
        }
    }

    func run() async throws {
        try await ExitStatus.reporting {
            let settings = try await common.settings()
            let backend = try Backend(settings)
            let registry = ProductTasks.inputs(settings, client: backend.client)
            let options = try submission.options()
            if let batch {
                let submission = BatchSubmission(
                    task: task, registry: registry, options: options, client: backend.client, json: common.json)
                return try await submission.run(from: batch)
            }
            return try await submitOne(registry, options, backend.client)
        }
    }

    private func submitOne(
        _ registry: TaskRegistry, _ options: TaskOptions, _ client: TaskClient
    ) async throws -> ExitStatus {
        let message = try registry.message(task: task, payload: try inputArguments.payload(), options: options)
        let receipt = try await client.enqueue([message]).first
        if case .refused(let refusal) = receipt { throw refusal }
        guard let id = receipt?.id else { throw StoreError(.incompatible, "the broker gave no receipt") }
        guard wait else {
            Output.line(common.json ? "{\"id\":\"\(id)\",\"status\":\"PENDING\"}" : "\(id)")
            return .done
        }
        if !common.json { Output.line("\(id)") }
        let follower = ProgressFollower()
        let record = try await client.wait(for: id, atMost: timeout?.duration ?? Self.waitDefault) {
            follower.show($0)
        }
        follower.finish()
        if common.json {
            Output.json(StatusView(record))
        } else if let result = record.result {
            Output.line(String(decoding: result, as: UTF8.self))
        } else {
            Output.error("\(record.state.rawValue): \(record.failure?.description ?? "no reason was kept")")
        }
        return record.state == .success ? .done : .taskFailed
    }
}
