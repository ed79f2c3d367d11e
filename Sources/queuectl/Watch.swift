import ArgumentParser
import Assembly
import TaskQueue

/// `queuectl watch`.
struct Watch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows queues and workers again and again, until it is interrupted.",
        discussion: "With --json one object a line each time. A broker that goes away is waited for.")
    @OptionGroup var common: CommonOptions
    @Option(help: "How long between two looks, as 2s.") var interval: DurationArgument = .init(.seconds(2))
    @Option(help: "How many looks; for ever if absent.") var count: Int?

    private struct Look: Encodable {
        let at = Timestamp.now
        let queues: [QueueStatus]
        let workers: [WorkerStatus]
    }

    func validate() throws {
        guard interval.duration >= .milliseconds(100) else {
            throw ValidationError("--interval: must be 100ms or more")
        }
        guard count.map({ $0 > 0 }) ?? true else { throw ValidationError("--count: must be 1 or more") }
    }

    func run() async throws {
        try await ExitStatus.reporting {
            let broker = try Backend(try await common.settings()).broker
            // A first look that fails is a wrong address rather than a bad moment.
            show(try await look(broker))
            var looks = 1
            while looks < count ?? .max {
                try await Task.sleep(for: interval.duration)
                looks += 1
                do throws(StoreError) {
                    show(try await look(broker))
                } catch {
                    guard error.isTransient else { throw error }
                    Output.error("\(error)")
                }
            }
            return .done
        }
    }

    private func look(_ broker: any TaskBroker) async throws(StoreError) -> Look {
        Look(queues: try await broker.queues(), workers: try await broker.workers())
    }

    private func show(_ look: Look) {
        guard !common.json else { return Output.json(look) }
        // On a terminal each look takes the place of the one before.
        let start = Output.isRead ? "\u{1B}[H\u{1B}[2J" : ""
        Output.line(
            "\(start)\(look.at)  every \(interval.duration)\n\n\(Table.queues(look.queues))\n\n"
                + "\(Table.workers(look.workers))\n")
    }
}
