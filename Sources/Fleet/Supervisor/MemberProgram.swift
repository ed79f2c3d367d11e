import Foundation

/// What a fleet's workers are: a program and its arguments.
public struct MemberProgram: Sendable {
    /// The program's path.
    public let path: String
    /// What follows it, before `--name` and `--supervised`, which the supervisor adds.
    public let arguments: [String]
    /// What workers are named after; each adds the number of its seat.
    public let name: String

    /// Describes workers.
    public init(path: String, arguments: [String], name: String) {
        self.path = path
        self.arguments = arguments
        self.name = name
    }

    /// The arguments of one worker.
    func arguments(of member: FleetMember) -> [String] {
        arguments + ["--name", "\(name)-\(member.number)", "--supervised"]
    }

    /// Where this process's own program is, as it was called: links in the path are not resolved, so that whoever
    /// deploys by changing one is noticed.
    public static var own: String {
        let word = CommandLine.arguments.first ?? ""
        guard !word.contains("/") else { return URL(filePath: word).path }
        let folders = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":") ?? []
        let paths = folders.map { "\($0)/\(word)" }
        return paths.first { FileManager.default.isExecutableFile(atPath: $0) } ?? word
    }
}
