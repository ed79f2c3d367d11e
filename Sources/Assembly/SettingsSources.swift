import Configuration
public import Foundation
import SystemPackage
import Yams

/// Brings flags, environment and file together.
public enum SettingsSources {
    /// The file that is read if none is named and it exists.
    public static let defaultFile = "config/taskqueue.yaml"

    /// Reads the settings.
    ///
    /// Variables that mean nothing are passed over: orchestrators make `TASKQUEUE_…` of their own for a service of
    /// that name. Keys of the file that mean nothing are complaints.
    /// - Parameters:
    ///   - flags: Values given on the command line, by key.
    ///   - file: The file named on the command line, if any.
    ///   - environment: The environment's variables.
    /// - Throws: `SettingsError` with every complaint.
    public static func load(
        flags: [String: String], file: String?,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) async throws -> Settings {
        // Flags are text, read as whatever type is asked for: just what the environment's provider does.
        let variables = flags.map { (variable($0), $1) }
        var layers = [
            SettingsLayer(
                EnvironmentVariablesProvider(environmentVariables: Dictionary(uniqueKeysWithValues: variables))
            ) { _ in "the command line" },
            SettingsLayer(
                EnvironmentVariablesProvider(environmentVariables: environment).prefixKeys(with: "taskqueue")
            ) { "TASKQUEUE_\(variable($0)) in the environment" },
        ]
        var complaints: [String] = []
        if let path = file ?? (FileManager.default.fileExists(atPath: defaultFile) ? defaultFile : nil),
            let keys = try keys(of: path)
        {
            complaints = keys.subtracting(Settings.keys).sorted().map { "\(path): there is no key '\($0)'" }
            do {
                layers.append(
                    SettingsLayer(try await FileProvider<YAMLSnapshot>(filePath: FilePath(path))) { _ in path })
            } catch {
                throw SettingsError(complaints + ["\(path) can't be read as settings: \(error)"])
            }
        }
        do throws(SettingsError) {
            let settings = try Settings(layers: layers)
            guard complaints.isEmpty else { throw SettingsError(complaints) }
            return settings
        } catch {
            throw SettingsError(complaints + error.complaints.filter { !complaints.contains($0) })
        }
    }

    private static func variable(_ key: String) -> String {
        key.replacing(".", with: "_").uppercased()
    }

    /// The keys that a file gives, in full; nil if it gives none.
    private static func keys(of path: String) throws -> Set<String>? {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw SettingsError("\(path) can't be read; check --config")
        }
        let content: Any?
        do {
            content = try Yams.load(yaml: String(decoding: data, as: UTF8.self))
        } catch {
            throw SettingsError("\(path) is not valid YAML: \(words(error))")
        }
        guard let content, !(content is NSNull) else { return nil }
        guard content is [String: Any] else {
            throw SettingsError("\(path) must hold keys and values, as config/taskqueue.yaml does")
        }
        return Set(flatten(content, ""))
    }

    /// Where and why, without the lines that the parser quotes: one of them may hold a secret.
    private static func words(_ error: any Error) -> String {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            "\(problem) in line \(mark.line)"
        case .duplicatedKeysInMapping(let keys, let context):
            "\(keys.sorted().joined(separator: ", ")) given twice, from line \(context.mark.line) on"
        default: "it can't be parsed"
        }
    }

    private static func flatten(_ value: Any, _ prefix: String) -> [String] {
        guard let map = value as? [String: Any] else { return [prefix] }
        return map.flatMap { flatten($0.value, prefix.isEmpty ? $0.key : "\(prefix).\($0.key)") }
    }
}
