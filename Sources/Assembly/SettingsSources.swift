import Configuration
import Foundation
import SystemPackage
import Yams

/// Brings flags, environment and file together.
public enum SettingsSources {
    /// The file that is read if none is named and it exists.
    public static let defaultFile = "config/taskqueue.yaml"

    /// Reads the settings.
    /// - Parameters:
    ///   - flags: Values given on the command line, by key.
    ///   - file: The file named on the command line, if any.
    /// - Throws: `SettingsError` with every complaint.
    public static func load(flags: [String: String], file: String?) async throws -> Settings {
        // Flags are text, read as whatever type is asked for: just what the environment's provider does.
        let variables = flags.map { ($0.replacing(".", with: "_").uppercased(), $1) }
        let environment = EnvironmentVariablesProvider().prefixKeys(with: "taskqueue")
        var providers: [any ConfigProvider] = [
            EnvironmentVariablesProvider(environmentVariables: Dictionary(uniqueKeysWithValues: variables)),
            environment,
        ]
        var complaints: [String] = []
        if let path = file ?? (FileManager.default.fileExists(atPath: defaultFile) ? defaultFile : nil) {
            complaints = try check(path)
            do {
                providers.append(try await FileProvider<YAMLSnapshot>(filePath: FilePath(path)))
            } catch {
                throw SettingsError("\(path) can't be read as YAML: \(error)")
            }
        }
        do throws(SettingsError) {
            let settings = try Settings(reader: ConfigReader(providers: providers))
            guard complaints.isEmpty else { throw SettingsError(complaints) }
            return settings
        } catch {
            throw SettingsError(complaints + error.complaints.filter { !complaints.contains($0) })
        }
    }

    /// Keys that are there but mean nothing: most likely misspelt.
    private static func check(_ path: String) throws -> [String] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw SettingsError("\(path) can't be read; check --config")
        }
        let content: Any?
        do {
            content = try Yams.load(yaml: String(decoding: data, as: UTF8.self))
        } catch {
            throw SettingsError("\(path) is not valid YAML: \(error)")
        }
        return flatten(content ?? [String: Any](), "").filter { !Settings.keys.contains($0) }.sorted()
            .map { "\(path): there is no key '\($0)'" }
    }

    private static func flatten(_ value: Any, _ prefix: String) -> [String] {
        guard let map = value as? [String: Any] else { return prefix.isEmpty ? [] : [prefix] }
        return map.flatMap { flatten($0.value, prefix.isEmpty ? $0.key : "\(prefix).\($0.key)") }
    }
}
