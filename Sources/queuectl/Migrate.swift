import ArgumentParser
import Assembly

/// `queuectl migrate`.
struct Migrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Makes or updates the tables of a PostgreSQL result store.",
        discussion: "May run while workers of the version before work, and twice at the same time.")
    @OptionGroup var common: CommonOptions

    private struct Step: Encodable {
        let part: String
        let from: Int
        let to: Int
    }

    func run() async throws {
        try await ExitStatus.reporting {
            for (part, from, to) in try await Schema(try await common.settings()).migrate() {
                if common.json {
                    Output.json(Step(part: part, from: from, to: to))
                } else {
                    Output.line(
                        from < to ? "\(part): schema \(from) is now \(to)" : "\(part): schema \(from), nothing to do")
                }
            }
            return .done
        }
    }
}
