import Crypto
import FoundationEssentials
import Synchronization

/// The models of a folder by name and version, loaded when first asked for, from any thread.
///
/// New versions and changed plans are seen within a second of their appearance, and no task fails over them: whoever
/// does not insist on a version gets the one that answered last while another cannot be loaded.
public final class ModelRegistry: Sendable {
    private let folder: ModelFolder
    private let catalog: ModelCatalog
    private let shelf: ModelShelf
    private let report: @Sendable (ModelEvent) -> Void
    /// By model: the version that last answered where none was insisted on.
    private let lastGood = Mutex<[String: String]>([:])

    /// A registry over `<folder>/<name>/<version>/{model.onnx,manifest.json}`; nothing is read yet.
    /// - Parameters:
    ///   - folder: Its path.
    ///   - bytesMax: About what all loaded models may keep in memory.
    ///   - freshness: How long what was seen in the folder is believed.
    ///   - report: Hears what happens to models, on the thread of whoever caused it.
    public init(
        folder: String, bytesMax: Int = 1 << 30, freshness: Duration = .seconds(1),
        report: @escaping @Sendable (ModelEvent) -> Void = { _ in }
    ) {
        self.folder = ModelFolder(path: folder)
        self.report = report
        catalog = ModelCatalog(folder: self.folder, freshness: freshness, report: report)
        shelf = ModelShelf(bytesMax: bytesMax)
    }

    /// About what the loaded models keep in memory, in bytes.
    public var byteCount: Int { shelf.byteCount }
    /// How many versions are loaded.
    public var count: Int { shelf.count }

    /// The classifier of that name.
    ///
    /// Blocks while it is read for the first time. Throws `modelMissing`, `modelCorrupt` (damaged, or not the file
    /// its manifest names), `modelTooLarge`, `unsupportedOperator`, or `invalidArgument` for a name that is no plain
    /// folder name.
    /// - Parameters:
    ///   - name: The model.
    ///   - version: A version, or "latest"; nil leaves it to the model's plan.
    ///   - key: What decides between versions where the plan splits: the same key always gets the same version.
    public func classifier(
        _ name: String, version: String? = nil, key: String? = nil
    ) throws(InferenceError) -> ImageClassifier {
        if let version, version != "latest" { return try loaded(name, version) }
        let entry = try catalog.entry(of: name)
        let chosen = version == nil ? key.flatMap { entry.plan.version(for: $0, of: name) } : nil
        guard let wanted = chosen ?? entry.latest else { throw folder.missing(name) }
        do throws(InferenceError) {
            let classifier = try loaded(name, wanted)
            lastGood.withLock { $0[name] = wanted }
            return classifier
        } catch {
            guard let before = lastGood.withLock({ $0[name] }), before != wanted else { throw error }
            return try loaded(name, before)
        }
    }

    /// The versions of a model that the folder holds, oldest first.
    /// - Throws: `modelMissing` if there is none, `modelCorrupt` for a plan that was never good.
    public func versions(of name: String) throws(InferenceError) -> [String] {
        try catalog.entry(of: name).versions
    }

    /// What a version's manifest says of it; the model itself is neither read nor loaded.
    ///
    /// Blocks while the manifest is read. A damaged one is described too.
    /// - Parameters:
    ///   - name: The model.
    ///   - version: A version, or "latest".
    /// - Throws: `modelMissing`, or `invalidArgument` for a name that is no plain folder name.
    public func description(of name: String, version: String) throws(InferenceError) -> ModelDescription {
        guard let version = version == "latest" ? try catalog.entry(of: name).latest : version else {
            throw folder.missing(name)
        }
        do throws(InferenceError) {
            let labels = try manifest(name, version).labels
            return ModelDescription(model: name, version: version, labels: labels, flaw: nil)
        } catch {
            guard error.code == .modelCorrupt else { throw error }
            return ModelDescription(model: name, version: version, labels: [], flaw: error)
        }
    }

    private func manifest(_ name: String, _ version: String) throws(InferenceError) -> ModelManifest {
        try ModelManifest.parse(
            try folder.manifest(name, version), name: name, version: version,
            place: "\(name)/\(version)/manifest.json")
    }

    private func loaded(_ name: String, _ version: String) throws(InferenceError) -> ImageClassifier {
        try shelf.classifier("\(name)/\(version)") { () throws(InferenceError) in
            let start = ContinuousClock.now
            do throws(InferenceError) {
                let classifier = try load(name, version)
                let took = ContinuousClock.now - start
                report(.loaded(model: name, version: version, bytes: classifier.byteCount, took: took))
                return classifier
            } catch {
                report(.failed(model: name, version: version, error))
                throw error
            }
        } evicted: {
            report(.evicted(model: $0.model, version: $0.modelVersion))
        }
    }

    private func load(_ name: String, _ version: String) throws(InferenceError) -> ImageClassifier {
        let manifest = try manifest(name, version)
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
        // Weights are kept packed, some twice; what a run needs is kept for each core.
        let byteCount = 2 * file.count + model.idleByteCount * ProcessInfo.processInfo.activeProcessorCount
        return ImageClassifier(model: model, manifest: manifest, byteCount: byteCount)
    }

    /// Runs the model once on zeros: a model that does not fit its manifest is refused now, not at the first picture,
    /// and the first picture finds everything warm.
    private func rehearse(_ model: Model, _ manifest: ModelManifest) throws(InferenceError) {
        let shape = manifest.preprocessing.shape
        let zeros = [Float](repeating: 0, count: shape.reduce(1, *))
        let place = "\(manifest.name)/\(manifest.version)"
        let output: Tensor
        do throws(InferenceError) {
            output = try model.run(try Tensor(shape: shape, values: zeros))
        } catch  where error.code == .shapeMismatch {
            throw corrupt(place, "it does not take the input that its manifest names: \(error.cause)")
        }
        guard output.shape == [1, manifest.labels.count] else {
            throw corrupt(
                place,
                "its output has the shape \(output.shape) and its manifest names \(manifest.labels.count) labels")
        }
    }

    private func corrupt(_ place: String, _ cause: String) -> InferenceError {
        InferenceError(
            .modelCorrupt, what: "The model cannot be used", place: place, cause: cause,
            remedy: "Fetch the model and its manifest again")
    }
}
