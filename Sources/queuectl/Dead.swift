import ArgumentParser
import Assembly
import TaskQueue

/// `queuectl dead list|show|retry|delete`.
struct Dead: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows dead letters, submits them again, removes them.",
        subcommands: [DeadList.self, DeadShow.self, DeadRetry.self, DeadDelete.self], defaultSubcommand: DeadList.self)
}

/// `queuectl dead list`.
struct DeadList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Lists dead letters, newest first.")
    @OptionGroup var common: CommonOptions
    @Option(help: "Only this kind of work.") var task: String?
    @Option(help: "Only letters of this queue.") var queue: String?
    @Option(help: "How many at most.") var limit = 50

    func validate() throws {
        guard (1...DeadSelection.most).contains(limit) else {
            throw ValidationError("--limit: must be from 1 to \(DeadSelection.most)")
        }
    }

    func run() async throws {
        try await ExitStatus.reporting {
            let broker = try Backend(try await common.settings()).broker
            // Without a filter the store need not read more than is shown.
            let most = task == nil && queue == nil ? limit : DeadSelection.most
            let letters = try await broker.deadLetters(nil, limit: most)
            for letter in letters.filter({ $0.isOf(task, queue) }).prefix(limit) {
                if common.json {
                    Output.json(LetterView(letter, withMessage: false))
                } else {
                    Output.line("\(letter.id)  \(letter.diedAt)  \(letter.task)  \(letter.failure)")
                }
            }
            return .done
        }
    }
}

/// `queuectl dead show ID`.
struct DeadShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Shows a dead letter with its input.")
    @OptionGroup var common: CommonOptions
    @Argument(help: ArgumentHelp("The failed task's id.", valueName: "id")) var argument: TaskIDArgument

    func run() async throws {
        try await ExitStatus.reporting {
            let broker = try Backend(try await common.settings()).broker
            guard let letter = try await broker.deadLetters([argument.id], limit: 1).first else {
                throw NoLetter(id: argument.id)
            }
            if common.json {
                Output.json(LetterView(letter, withMessage: true))
            } else {
                show(letter)
            }
            return .done
        }
    }

    private func show(_ letter: DeadLetter) {
        Output.line("\(letter.id)  \(letter.task)  queue \(letter.queue)")
        Output.line("  died \(letter.diedAt)  \(letter.failure)")
        do throws(MessageError) {
            let message = try MessageCodec.decode(letter.messageBytes)
            Output.line("  priority \(message.priority.level)")
            for (key, value) in message.headers.sorted(by: { $0.key < $1.key }) {
                Output.line("  header \(key)=\(value)")
            }
            Output.line("  input \(String(decoding: message.payload, as: UTF8.self))")
        } catch {
            Output.line("  its \(letter.messageBytes.count) bytes are no message of this version: \(error)")
        }
    }
}

/// `queuectl dead retry ID`, or all.
struct DeadRetry: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Submits dead letters again, as new tasks.",
        discussion: "Prints each new task's id. What can't be submitted is named and stays.")
    @OptionGroup var common: CommonOptions
    @OptionGroup var selection: DeadSelection

    private struct View: Encodable {
        let id: TaskID
        let retryOf: TaskID

        private enum CodingKeys: String, CodingKey {
            case id
            case retryOf = "retry_of"
        }
    }

    func run() async throws {
        try await ExitStatus.reporting {
            let backend = try Backend(try await common.settings())
            var status = ExitStatus.done
            for old in try await selection.ids(in: backend.broker) {
                do {
                    // Someone else may have been quicker.
                    guard let new = try await backend.client.retry(dead: old) else { continue }
                    if common.json { Output.json(View(id: new, retryOf: old)) } else { Output.line("\(new)") }
                } catch let error as StoreError {
                    throw error
                } catch {
                    status = ExitStatus(error)
                    Output.error("\(old): \(error)")
                }
            }
            return status
        }
    }
}

/// `queuectl dead delete ID`, or all.
struct DeadDelete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "delete", abstract: "Removes dead letters.")
    @OptionGroup var common: CommonOptions
    @OptionGroup var selection: DeadSelection

    func run() async throws {
        try await ExitStatus.reporting {
            let broker = try Backend(try await common.settings()).broker
            let ids = try await selection.ids(in: broker)
            try await broker.removeDeadLetters(ids)
            Output.line(
                common.json
                    ? "{\"removed\":\(ids.count)}" : "\(ids.count) \(ids.count == 1 ? "letter" : "letters") removed")
            return .done
        }
    }
}
