import Crypto
import FoundationEssentials
import Synchronization

/// Loads classifiers from a folder of models by name and version, each once, from any thread.
public final class ModelRegistry: Sendable {
    private let folder: ModelFolder
    private let loaded = Mutex<[String: ImageClassifier]>([:])

    /// A registry over `<folder>/<name>/<version>/{model.onnx,manifest.json}`; nothing is read yet.
    public init(folder: String) {
        self.folder = ModelFolder(path: folder)
    }

    /// The classifier of that name; the newest version when `version` is nil or "latest".
    ///
    /// Blocks while it is read for the first time. Throws `modelMissing`, `modelCorrupt` (damaged, or not the file
    /// its manifest names), `unsupportedOperator`, or `invalidArgument` for a name that is no plain folder name.
    public func classifier(_ name: String, version: String? = nil) throws(InferenceError) -> ImageClassifier {
        let wanted: String
        if let version, version != "latest" {
            wanted = version
        } else {
            wanted = try folder.latestVersion(of: name)
        }
        // Loading under the lock keeps a second caller from loading the same model again.
        return try loaded.withLock { (cache) throws(InferenceError) -> ImageClassifier in
            let key = "\(name)/\(wanted)"
            if let known = cache[key] { return known }
            let classifier = try load(name, wanted)
            cache[key] = classifier
            return classifier
        }
    }

    private func load(_ name: String, _ version: String) throws(InferenceError) -> ImageClassifier {
        let data = try folder.manifest(name, version)
        let manifest = try ModelManifest.parse(
            data, name: name, version: version, place: "\(name)/\(version)/manifest.json")
        let file = try folder.model(name, version)
        let digest = SHA256.hash(data: file).map { byte in
            let text = String(byte, radix: 16)
            return byte < 16 ? "0" + text : text
        }
        guard digest.joined() == manifest.sha256.lowercased() else {
            throw corrupt("\(name)/\(version)/model.onnx", "its SHA-256 is not the one in its manifest")
        }
        let model = try Model(onnx: [UInt8](file))
        try rehearse(model, manifest)
        return ImageClassifier(model: model, manifest: manifest)
    }

    /// Runs the model once on zeros: a model that does not fit its manifest is refused now, not at the first picture.
    private func rehearse(_ model: Model, _ manifest: ModelManifest) throws(InferenceError) {
        let shape = manifest.preprocessing.shape
        let zeros = [Float](repeating: 0, count: shape.reduce(1, *))
        let output = try model.run(try Tensor(shape: shape, values: zeros))
        guard output.shape == [1, manifest.labels.count] else {
            throw corrupt(
                "\(manifest.name)/\(manifest.version)",
                "its output has the shape \(output.shape) and its manifest names \(manifest.labels.count) labels")
        }
    }

    private func corrupt(_ place: String, _ cause: String) -> InferenceError {
        InferenceError(
            .modelCorrupt, what: "The model cannot be used", place: place, cause: cause,
            remedy: "Fetch the model and its manifest again")
    }
}
