import ArgumentParser
import Assembly
import Logging
import TaskQueue

/// `queuectl workers list|drain|resize|log-level`.
struct Workers: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows workers and tells them what to do.",
        subcommands: [WorkersList.self, WorkersDrain.self, WorkersResize.self, WorkersLogLevel.self],
        defaultSubcommand: WorkersList.self)
}

/// `queuectl workers list`.
struct WorkersList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Shows every worker with a lease, as it last said of itself.")
    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await ExitStatus.reporting {
            let workers = try await Backend(try await common.settings()).broker.workers()
            if common.json {
                workers.forEach { Output.json($0) }
            } else {
                Output.line(Table.workers(workers))
            }
            return .done
        }
    }
}

/// `queuectl workers drain`.
struct WorkersDrain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drain", abstract: "Has workers finish what they run, within their grace, and leave.")
    @OptionGroup var common: CommonOptions
    @OptionGroup var selection: WorkerSelection

    func run() async throws {
        try await selection.send(.drain, common)
    }
}

/// `queuectl workers resize`.
struct WorkersResize: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resize", abstract: "Has workers run so many tasks at once, until they are started anew.")
    @OptionGroup var common: CommonOptions
    @Option(help: "How many tasks at once, 1 to \(WorkerConfiguration.slotsMax).") var slots: Int
    @OptionGroup var selection: WorkerSelection

    func validate() throws {
        guard (1...WorkerConfiguration.slotsMax).contains(slots) else {
            throw ValidationError("--slots: must be from 1 to \(WorkerConfiguration.slotsMax)")
        }
    }

    func run() async throws {
        try await selection.send(.resize(slots: slots), common)
    }
}

/// `queuectl workers log-level`.
struct WorkersLogLevel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log-level", abstract: "Has workers log from a level on, until they are started anew.")
    @OptionGroup var common: CommonOptions
    @Option(name: .customLong("to"), help: "trace, debug, info, notice, warning, error or critical.") var name: String
    @OptionGroup var selection: WorkerSelection

    func validate() throws {
        guard Logger.Level(rawValue: name) != nil else {
            throw ValidationError(
                "--to: must be one of \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))")
        }
    }

    func run() async throws {
        try await selection.send(.logLevel(Logger.Level(rawValue: name) ?? .info), common)
    }
}
