import ArgumentParser
import Assembly
import Fleet
import TaskQueue

/// A worker process for tests, whose tasks sleep, kill it, or never return; alone or in a fleet.
@main
struct DrillWorker: AsyncParsableCommand, Sendable {
    static let configuration = CommandConfiguration(commandName: "drill-worker")

    @OptionGroup var options: WorkerOptions

    func run() async throws {
        try await ExitStatus.reporting {
            let membership = options.supervised ? try Membership() : nil
            let settings = try await options.settings()
            if options.counted { _ = Telemetry.registry }
            let logger = makeLogger("drill", settings)
            let backend = try Backend(settings, logger: logger)
            var tasks = TaskRegistry()
            tasks.register(Nap())
            tasks.register(HangOnThread())
            tasks.register(HangOnPool())
            try await WorkerProcess(
                settings, backend: backend, tasks: tasks, membership: membership, isCounted: options.counted,
                logger: logger
            ) {
                try await options.settings()
            }.run()
            return .done
        }
    }
}
