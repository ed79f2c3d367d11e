import ArgumentParser
import Assembly
import Foundation
import HTTPGateway

/// `queuectl keys create`.
struct Keys: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Makes API keys for the gateway.", subcommands: [KeysCreate.self])
}

/// `queuectl keys create --name NAME`.
struct KeysCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Makes a key, prints it once, and keeps its hash.",
        discussion: """
            The hash goes to the end of --file, or of auth.api_keys_file; without either it is printed as a line for \
            auth.api_keys. A running gateway reads its file anew on SIGHUP.
            """)
    @OptionGroup var common: CommonOptions
    @Option(help: "What the key is for: 1 to 64 letters, digits, '.', '_' or '-'.") var name: String
    @Option(help: "enqueue, read and operate, separated by commas.") var scopes = "enqueue,read"
    @Option(help: "The file that keeps the hash.") var file: String?

    private struct View: Encodable {
        let key: String
        let entry: String
    }

    func run() async throws {
        try await ExitStatus.reporting {
            let names = scopes.split(separator: ",").map(String.init)
            let known = names.compactMap(Scope.init(rawValue:))
            guard known.count == names.count, let made = APIKey.make(name: name, scopes: Set(known)) else {
                throw SettingsError(
                    "--name: 1 to 64 letters, digits, '.', '_' or '-'; --scopes: some of enqueue, read and operate")
            }
            let settings = try await common.settings()
            let path = file ?? settings.gateway.apiKeysFile
            if let path { try Self.append(made.kept.description, to: path) }
            if common.json {
                Output.json(View(key: made.secret, entry: made.kept.description))
            } else {
                Output.line(made.secret)
                if path == nil { Output.line("auth.api_keys: [\"\(made.kept)\"]") }
            }
            return .done
        }
    }

    private static func append(_ line: String, to path: String) throws(SettingsError) {
        // Nobody else need read even the hashes.
        if !FileManager.default.fileExists(atPath: path) {
            let mode: [FileAttributeKey: Any] = [.posixPermissions: 0o600]
            _ = FileManager.default.createFile(atPath: path, contents: nil, attributes: mode)
        }
        guard let file = FileHandle(forUpdatingAtPath: path) else {
            throw SettingsError("\(path) can't be written; check the path and its mode")
        }
        do {
            try file.seekToEnd()
            try file.write(contentsOf: Data("\(line)\n".utf8))
        } catch {
            throw SettingsError("\(path) can't be written: \(error.localizedDescription)")
        }
    }
}
