import ArgumentParser
import Assembly
import Foundation
import TaskQueue

/// The flags that make up a task's input.
struct InputArguments: ParsableArguments {
    @Option(help: ArgumentHelp("The input as JSON; @file or - to read it.", valueName: "json")) var input: String?
    @Option(
        name: .customLong("set"), help: ArgumentHelp("One field; JSON if it parses, else text.", valueName: "key=value")
    )
    var fields: [String] = []
    @Option(name: .customLong("file"), help: ArgumentHelp("A file, in base64, as a field.", valueName: "key=path"))
    var files: [String] = []

    var isGiven: Bool { input != nil || !fields.isEmpty || !files.isEmpty }

    /// Larger than any input that a broker takes.
    private static let bytesMax = 256 << 20

    /// The input as JSON.
    /// - Throws: `PayloadError` or `CommandError` for what can't be read.
    func payload() throws -> [UInt8] {
        let base = try read()
        guard !fields.isEmpty || !files.isEmpty else { return base }
        guard var object = try? JSONSerialization.jsonObject(with: Data(base)) as? [String: Any] else {
            throw PayloadError(field: "", problem: "is not a JSON object, so fields can't be added")
        }
        for field in fields {
            let (key, value) = try Self.split(field, "--set")
            object[key] =
                (try? JSONSerialization.jsonObject(with: Data(value.utf8), options: .fragmentsAllowed)) ?? value
        }
        for file in files {
            let (key, path) = try Self.split(file, "--file")
            object[key] = try Self.contents(path).base64EncodedString()
        }
        return Array(try JSONSerialization.data(withJSONObject: object, options: .withoutEscapingSlashes))
    }

    private func read() throws -> [UInt8] {
        guard let input else { return Array("{}".utf8) }
        if input == "-" { return Array(FileHandle.standardInput.readDataToEndOfFile()) }
        if input.hasPrefix("@") { return Array(try Self.contents(String(input.dropFirst()))) }
        return Array(input.utf8)
    }

    private static func contents(_ path: String) throws -> Data {
        let size = (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
        guard size <= bytesMax else {
            throw PayloadError(field: path, problem: "is a file of \(size) bytes, too large")
        }
        guard let data = FileManager.default.contents(atPath: path) else { throw FileMissing(path: path) }
        return data
    }

    private static func split(_ text: String, _ flag: String) throws -> (String, String) {
        guard let equals = text.firstIndex(of: "="), equals > text.startIndex else {
            throw SettingsError("\(flag): expected key=value")
        }
        return (String(text[..<equals]), String(text[text.index(after: equals)...]))
    }
}
