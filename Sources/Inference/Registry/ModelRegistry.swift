import Crypto
import FoundationEssentials
import Synchronization

/// The models in a folder: `<folder>/<name>/<version>/{model.onnx,manifest.json}`, loaded on first use and kept.
public final class ModelRegistry: Sendable {
    private let folder: String
    private let loaded = Mutex<[String: ImageClassifier]>([:])

    /// The largest model file that is read.
    private static let modelBytesMax = 1 << 30

    /// Serves the models of a folder; nothing is read until one is asked for.
    public init(folder: String) {
        self.folder = folder
    }

    /// A model, loaded if it is not yet.
    /// - Parameters:
    ///   - name: The model's folder.
    ///   - version: The version's folder; nil or `latest` for the highest.
    /// - Throws: `InferenceError`: `modelMissing`, `modelCorrupt` or `unsupportedOperator`.
    public func classifier(_ name: String, version: String? = nil) throws(InferenceError) -> ImageClassifier {
        try Self.check(name)
        let version = version == nil || version == "latest" ? try latest(of: name) : version ?? ""
        try Self.check(version)
        let key = "\(name)/\(version)"
        if let known = loaded.withLock({ $0[key] }) { return known }
        // Two callers may load at once; both get the same model, and one copy is kept.
        let classifier = try load(key)
        loaded.withLock { $0[key] = $0[key] ?? classifier }
        return classifier
    }

    /// The versions of a model, lowest first: by the numbers in them, so that v10 comes after v9.
    public func versions(of name: String) -> [String] {
        let path = "\(folder)/\(name)"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.filter { FileManager.default.fileExists(atPath: "\(path)/\($0)/manifest.json") }
            .sorted { Self.order($0).lexicographicallyPrecedes(Self.order($1)) }
    }

    private func latest(of name: String) throws(InferenceError) -> String {
        guard let latest = versions(of: name).last else {
            throw InferenceError(.modelMissing, "no model '\(name)' in \(folder); check models.folder")
        }
        return latest
    }

    private func load(_ key: String) throws(InferenceError) -> ImageClassifier {
        let manifestBytes = try read("\(folder)/\(key)/manifest.json", key)
        let manifest: ModelManifest
        do {
            manifest = try JSONDecoder().decode(ModelManifest.self, from: manifestBytes)
        } catch {
            throw InferenceError(.modelCorrupt, "\(folder)/\(key)/manifest.json does not describe a model: \(error)")
        }
        try manifest.validate()
        let bytes = try read("\(folder)/\(key)/model.onnx", key)
        let digest = SHA256.hash(data: bytes).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
        guard digest == manifest.sha256.lowercased() else {
            throw InferenceError(
                .modelCorrupt, "\(folder)/\(key)/model.onnx is not the file its manifest describes (SHA-256 differs)")
        }
        return ImageClassifier(manifest: manifest, model: try Model(onnx: Array(bytes)))
    }

    private func read(_ path: String, _ key: String) throws(InferenceError) -> Data {
        let size = (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
        guard size <= Self.modelBytesMax, let data = FileManager.default.contents(atPath: path) else {
            throw InferenceError(.modelMissing, "model '\(key)': \(path) can't be read; check models.folder")
        }
        return data
    }

    /// A name that comes from a task's input must not lead out of the folder.
    private static func check(_ part: String) throws(InferenceError) {
        let isPlain = part.utf8.allSatisfy { byte in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
        }
        guard isPlain, !part.isEmpty, part.count <= 64, !part.hasPrefix(".") else {
            throw InferenceError(.modelMissing, "a model's name or version is letters, digits, '-', '_' and '.'")
        }
    }

    private static func order(_ version: String) -> [Int] {
        version.split { !$0.isNumber }.map { Int($0) ?? .max }
    }
}
