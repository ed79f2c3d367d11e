import ArgumentParser
import Assembly
import Fleet
import TaskQueue

/// `queuectl autoscale`.
struct Autoscale: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Says how many workers the load asks for, and how that is computed.",
        discussion: """
            slots = running + waiting × service ÷ target, a queue; all of them ÷ slots a worker = workers. It looks once: \
            'worker fleet' looks every second, and waits before it takes workers away.
            """)
    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await ExitStatus.reporting {
            let settings = try await common.settings()
            let broker = try Backend(settings).broker
            let advice = settings.advice(try await broker.queues(), try await broker.workers())
            if common.json {
                Output.json(advice)
            } else {
                Output.line("\(Table.demands(advice))\n\n\(Self.sum(advice))")
                for reason in advice.reasons { Output.line(reason) }
            }
            return .done
        }
    }

    private static func sum(_ advice: ScalingAdvice) -> String {
        let sum =
            advice.tasksPerWorker.map { "\(advice.backlog) tasks ÷ \($0) a worker" }
            ?? "\(advice.slots) slots ÷ \(advice.slotsPerWorker) a worker"
        return "\(sum) = \(advice.wantedWorkers) wanted, \(advice.workers) there; desired: \(advice.desiredWorkers)"
    }
}
