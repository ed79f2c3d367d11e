import ArgumentParser
import Assembly
import TaskQueue

/// Which workers a command is about: some by their ids, those of a name, or all.
struct WorkerSelection: ParsableArguments {
    @Argument(help: ArgumentHelp("The workers' ids.", valueName: "worker")) var ids: [String] = []
    @Option(help: "All workers of this name (worker.name).") var name: String?
    @Flag(help: "All workers.") var all = false

    func validate() throws {
        guard [!ids.isEmpty, name != nil, all].count(where: \.self) == 1 else {
            throw ValidationError("give workers' ids, or --name, or --all")
        }
    }

    /// Sends them an order, and prints who will hear of it: each with its next renewal, most of them at once.
    func send(_ order: WorkerOrder, _ common: CommonOptions) async throws {
        try await ExitStatus.reporting {
            let broker = try Backend(try await common.settings()).broker
            let asked = ids.isEmpty ? try await broker.workers().filter(isMeant).map(\.worker) : ids
            let told = try await broker.send(order, to: Set(asked))
            for worker in told { common.json ? Output.json(["worker": worker]) : Output.line(worker) }
            let missing = ids.filter { !told.contains($0) }
            guard missing.isEmpty, !told.isEmpty else { throw NoWorker(ids: missing) }
            return .done
        }
    }

    private func isMeant(_ worker: WorkerStatus) -> Bool {
        all || worker.report?.name == name
    }
}
